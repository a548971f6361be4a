export type SourceErrorCode =
  | 'commit_not_found'
  | 'unreachable'
  | 'denied'
  | 'timed_out'
  | 'cancelled'
  | 'git_missing'
  | 'too_large'
  | 'git_failed'

/** A commit could not be fetched. The message is one line, says what to do and holds no secret. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly code: SourceErrorCode

  constructor(code: SourceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
