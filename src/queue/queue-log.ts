/** The part of a pino logger that the queue uses. */
export interface QueueLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/**
 * What of an error may be logged. ioredis puts the arguments of a refused command, so also those of AUTH, on its
 * errors: an error object itself must never reach the log.
 */
export function errorFields(error: unknown): { readonly reason: string; readonly code: string | null } {
  if (!(error instanceof Error)) return { reason: String(error), code: null }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  // Node gathers the failures of several addresses in an AggregateError, whose own message is empty.
  return { reason: error.message === '' ? (code ?? error.name) : error.message, code }
}
