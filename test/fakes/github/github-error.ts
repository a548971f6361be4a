import type { JsonObject } from './json.ts'

export interface ErrorDetail {
  readonly resource: string
  readonly field: string
  readonly code: 'custom' | 'invalid' | 'missing' | 'missing_field' | 'already_exists' | 'unprocessable'
  readonly message?: string
}

interface ErrorOptions {
  readonly details?: readonly ErrorDetail[]
  readonly headers?: Readonly<Record<string, string>>
}

/** A refusal as GitHub words it. Handlers throw it; the server turns it into the answer. */
export class GitHubError extends Error {
  readonly status: number
  readonly details: readonly ErrorDetail[]
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, options: ErrorOptions = {}) {
    super(message)
    this.status = status
    this.details = options.details ?? []
    this.headers = options.headers ?? {}
  }
}

export function notFound(message = 'Not Found'): GitHubError {
  return new GitHubError(404, message)
}

export function notAccessible(): GitHubError {
  return new GitHubError(403, 'Resource not accessible by integration')
}

export function badCredentials(): GitHubError {
  return new GitHubError(401, 'Bad credentials')
}

/** 422 as GitHub sends it when a rule of the resource is broken (the JSON itself was well formed). */
export function validationFailed(detail: ErrorDetail): GitHubError {
  return new GitHubError(422, 'Validation Failed', { details: [detail] })
}

/** 422 as GitHub sends it when the JSON does not match its schema; `problem` is one or more lines. */
export function invalidRequest(problem: string): GitHubError {
  return new GitHubError(422, `Invalid request.\n\n${problem}`)
}

/** The JSON body of `error`, in GitHub's shape. */
export function describeError(error: GitHubError): JsonObject {
  return {
    message: error.message,
    ...(error.details.length > 0 ? { errors: error.details.map((detail) => ({ ...detail })) } : {}),
    documentation_url: 'https://docs.github.com/rest',
    status: String(error.status)
  }
}
