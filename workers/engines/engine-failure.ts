export type EngineFailureCode =
  /** The worker's settings do not allow this version. */
  | 'engine_not_allowed'
  /** The registry has no such release. */
  | 'engine_unknown'
  | 'registry_unreachable'
  /** The release needs another Node than the worker's. */
  | 'node_unsuitable'
  /** What the registry sent is not what it announced. */
  | 'engine_damaged'
  /** Installed, but it does not start or computes nothing. */
  | 'engine_unusable'
  | 'npm_missing'
  | 'install_timed_out'
  | 'install_failed'

/** An engine that a session asks for cannot be had. Expected, so it is returned. One line each, without secrets. */
export interface EngineFailure {
  readonly code: EngineFailureCode
  readonly message: string
  readonly hint: string
}
