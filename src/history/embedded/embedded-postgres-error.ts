export type EmbeddedPostgresErrorCode =
  | 'unsupported_platform'
  | 'root_refused'
  | 'already_owned'
  | 'version_mismatch'
  | 'initdb_failed'
  | 'start_failed'
  | 'not_answering'

/** The embedded Postgres cannot be used; the message says why and what to do. */
export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresErrorCode

  constructor(message: string, options: ErrorOptions & { readonly code: EmbeddedPostgresErrorCode }) {
    super(message, options)
    this.name = 'EmbeddedPostgresError'
    this.code = options.code
  }
}
