export type QueueErrorCode =
  | 'bad_address'
  | 'unreachable'
  | 'too_old'
  | 'not_prepared'
  | 'bad_priority'
  | 'result_too_large'

/** The queue cannot do its work. The message says what to do; it never holds a password. */
export class QueueError extends Error {
  readonly code: QueueErrorCode

  constructor(message: string, options: ErrorOptions & { readonly code: QueueErrorCode }) {
    super(message, options)
    this.name = 'QueueError'
    this.code = options.code
  }
}
