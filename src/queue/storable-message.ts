import { redactSecrets } from './redact-secrets.ts'

const MESSAGE_LIMIT_CHARACTERS = 4000

/**
 * Makes a message of a foreign program fit for storing and showing: tokens and passwords are replaced, characters that
 * Postgres cannot store (NUL, lone surrogates) too, and it ends after 4000 characters.
 */
export function storableMessage(message: string): string {
  const text = redactSecrets(message.toWellFormed().replaceAll('\0', '\uFFFD'))
  return text.length <= MESSAGE_LIMIT_CHARACTERS
    ? text
    : `${text.slice(0, MESSAGE_LIMIT_CHARACTERS - 1)}…`.toWellFormed()
}
