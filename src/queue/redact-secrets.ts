const MESSAGE_LIMIT_CHARACTERS = 4000

const SECRETS: readonly RegExp[] = [
  // GitHub's token prefixes: https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
  /\b(?:gh[pousr]_[A-Za-z0-9_]{16,}|github_pat_[A-Za-z0-9_]{16,})/g,
  // user:password@ of an address
  /(?<=:\/\/)[^\s/@]*:[^\s/@]*(?=@)/g,
  // `Authorization: basic …`, as git prints an extra header, and `Bearer …`
  /(?<=\bauthorization:\s*(?:basic|bearer|token)\s+)\S+/gi,
  /(?<=\bbearer\s+)[A-Za-z0-9._~+/=-]{16,}/gi
]

/**
 * Makes a message of a foreign program fit for storing and showing: tokens and passwords are replaced, characters that
 * Postgres cannot store (NUL, lone surrogates) too, and it ends after 4000 characters.
 */
export function redactSecrets(message: string): string {
  let text = message.toWellFormed().replaceAll('\0', '\uFFFD')
  for (const secret of SECRETS) text = text.replace(secret, '[redacted]')
  return text.length <= MESSAGE_LIMIT_CHARACTERS
    ? text
    : `${text.slice(0, MESSAGE_LIMIT_CHARACTERS - 1)}…`.toWellFormed()
}
