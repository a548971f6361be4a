const STACK_MAX_CHARS = 4000
const MESSAGE_MAX_CHARS = 1000

/** What a log line holds of an error. */
export interface LoggedError {
  readonly type: string
  readonly message: string
  readonly code?: unknown
  readonly status?: unknown
  readonly stack?: string
}

/**
 * Serialiser for errors that Probot logs. Its own errors carry the webhook, also one with a wrong signature: whoever
 * reaches the port could otherwise write megabytes into the log, and it would hold what private repositories send.
 */
export function describeLoggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error).slice(0, MESSAGE_MAX_CHARS) }
  return {
    type: error.name,
    message: error.message.slice(0, MESSAGE_MAX_CHARS),
    ...('code' in error ? { code: error.code } : {}),
    ...('status' in error ? { status: error.status } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack.slice(0, STACK_MAX_CHARS) })
  }
}
