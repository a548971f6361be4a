/**
 * Why a job was told to stop. `cancelled`: nobody wants the result any more; the message is the reason given.
 * `job_removed` and `lock_lost`: the job is no longer this worker's. `shutdown`: the worker closes.
 */
export type StopCode = 'cancelled' | 'job_removed' | 'lock_lost' | 'shutdown'

/** The reason of an aborted job signal. */
export class JobStopped extends Error {
  readonly code: StopCode

  constructor(code: StopCode, message: string) {
    super(message)
    this.name = 'JobStopped'
    this.code = code
  }
}
