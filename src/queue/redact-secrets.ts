const REPLACEMENT = '[redacted]'

/**
 * GitHub's tokens by their prefixes (docs.github.com "About authentication to GitHub"): `ghs_…` and its kin, also in the
 * form `ghs_<app id>_<header.payload.signature>`, and `github_pat_…`.
 */
const GITHUB_TOKEN = /\b(?:gh[pousr]_|github_pat_)[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*/g
const JWT = /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?/g
/** `user:password@` or `token@` of an address. */
const URL_CREDENTIALS = /(?<=:\/\/)[^\s/@]+(?=@)/g
/** `Authorization: basic …`, as git prints an extra header, and `Bearer …`. */
const AUTHORIZATION = /(?<=\bauthorization:\s*(?:basic|bearer|token)\s+)\S+/gi
const BEARER = /(?<=\bbearer\s+)[A-Za-z0-9._~+/=-]{16,}/gi

/** Replaces the given secrets, and everything that looks like a token or a password, by `[redacted]`. */
export function redactSecrets(text: string, secrets: readonly string[] = []): string {
  const known = secrets.filter((secret) => secret !== '')
  const redacted = known.reduce((left, secret) => left.replaceAll(secret, REPLACEMENT), text)
  return [GITHUB_TOKEN, JWT, URL_CREDENTIALS, AUTHORIZATION, BEARER].reduce(
    (left, pattern) => left.replace(pattern, REPLACEMENT),
    redacted
  )
}
