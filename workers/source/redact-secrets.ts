/** GitHub's token forms: `ghp_…`, `gho_…`, `ghs_…` (plain, or `ghs_<app id>_<JWT>` with dots) and `github_pat_…`. */
const GITHUB_TOKEN = /\b(?:gh[a-z]_|github_pat_)[A-Za-z0-9_.-]+/g
const JWT = /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?/g
const AUTHORIZATION_VALUE = /\b(basic|bearer|token)\s+[A-Za-z0-9+/_.~-]{8,}=*/gi
const URL_CREDENTIALS = /(:\/\/)[^\s/@]+@/g

/** Replaces the given secrets and everything that looks like a token by `[redacted]`. For text that reaches a log or a report. */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  let redacted = text
  for (const secret of secrets) {
    if (secret !== '') redacted = redacted.replaceAll(secret, '[redacted]')
  }
  return redacted
    .replace(GITHUB_TOKEN, '[redacted]')
    .replace(JWT, '[redacted]')
    .replace(AUTHORIZATION_VALUE, '$1 [redacted]')
    .replace(URL_CREDENTIALS, '$1[redacted]@')
}
