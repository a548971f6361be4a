import { SourceError } from './source-error.ts'

export interface StopControl {
  /** Its reason is the error to throw. */
  readonly signal: AbortSignal
  readonly stop: (reason: Error) => void
  readonly dispose: () => void
}

export interface StopOptions {
  /** Of the caller: whatever its reason, the work was cancelled. */
  readonly cancelSignal: AbortSignal
  readonly timeoutMs: number
  /** What takes long, as a sentence begins with it: `Fetching`. */
  readonly work: string
}

/** Joins the three ways a fetch ends early: cancelled, out of time, or told to stop. */
export function armStop({ cancelSignal, timeoutMs, work }: StopOptions): StopControl {
  const controller = new AbortController()
  const stop = (reason: Error) => controller.abort(reason)
  const cancel = () => stop(new SourceError('cancelled', 'The fetch was cancelled. Nothing needs to be done.'))
  const timer = setTimeout(() => {
    const limitSeconds = timeoutMs / 1000
    const advice = "Check the network, or raise the worker's fetch timeout."
    stop(new SourceError('timed_out', `${work} took longer than ${limitSeconds} s. ${advice}`))
  }, timeoutMs)
  if (cancelSignal.aborted) cancel()
  cancelSignal.addEventListener('abort', cancel, { once: true })
  return {
    signal: controller.signal,
    stop,
    dispose: () => {
      clearTimeout(timer)
      cancelSignal.removeEventListener('abort', cancel)
    }
  }
}
