import type { Side } from '#contracts/identifiers.ts'
import { TRY_SAMPLES_MS } from '#workers/side/try-samples.ts'
import { lossByTime } from './describe-loss.ts'
import { SideFailedError, withSide } from './measuring-errors.ts'
import type { ReplyTo } from './read-reply.ts'
import type { RequestLimits, SideProcess } from './side-process.ts'

export interface TriedCase {
  readonly caseIndex: number
  /** With several, the others are tried as well, which gets time of its own. */
  readonly samples: number
}

/**
 * Runs the first inference of a case on one side.
 *
 * @param limits of one inference; a side that hangs is told to have missed this one
 * @throws {SideFailedError} {@link MeasuringAbortedError}
 */
export async function tryCase(
  name: Side,
  process: Pick<SideProcess, 'tryOnce'>,
  { caseIndex, samples }: TriedCase,
  { timeoutMs, signal }: RequestLimits
): Promise<ReplyTo<'try'>> {
  const allowedMs = timeoutMs + (samples > 1 ? TRY_SAMPLES_MS : 0)
  try {
    return await withSide(name, process.tryOnce(caseIndex, { timeoutMs: allowedMs, signal }))
  } catch (error) {
    const isLate = error instanceof SideFailedError && error.loss.code === 'timed_out'
    throw isLate ? new SideFailedError(name, lossByTime(timeoutMs)) : error
  }
}
