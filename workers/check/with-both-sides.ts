import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { Cores } from '#workers/device/choose-cores.ts'
import type { LaunchPlace, PreparedCase } from '#workers/measure/load-request.ts'
import { SideFailedError } from '#workers/measure/measuring-errors.ts'
import { countThreads, describeLoss, LOAD_TIMEOUT_MS, placeOf } from '#workers/measure/run-launch.ts'
import { type AskedSide, type CheckedSide, CheckFailedError } from './ask-side.ts'

/** A launch whose sides can be asked for anything. */
export interface CheckLaunch {
  readonly startSide: (side: Side, signal: AbortSignal) => Promise<CheckedSide>
  readonly stop: () => Promise<void>
}

export interface LaunchDeps {
  readonly startLaunch: (cores: Cores, place: LaunchPlace) => CheckLaunch
  readonly chooseCores: (threads: number) => Promise<Cores>
  readonly requestTimeoutMs: number
  readonly signal: AbortSignal
}

export type Sides = Readonly<Record<Side, AskedSide>>

export type WorkOutcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly failure: BenchmarkFailure }

/**
 * Does something with both sides of a case, in a launch of its own: one that crashes takes no other with it, and none sees
 * memory that another has left. A side that refuses or is lost is the outcome.
 *
 * @throws {SideStartError} {@link MeasuringAbortedError}
 */
export async function withBothSides<Result>(
  { startLaunch, chooseCores, requestTimeoutMs, signal }: LaunchDeps,
  prepared: PreparedCase,
  work: (sides: Sides) => Promise<Result>
): Promise<WorkOutcome<Result>> {
  const launch = startLaunch(await chooseCores(countThreads([prepared])), placeOf([prepared]))
  try {
    const limits = { timeoutMs: requestTimeoutMs, signal }
    const loadLimits = { timeoutMs: Math.max(LOAD_TIMEOUT_MS, requestTimeoutMs), signal }
    const start = async (name: Side): Promise<AskedSide> => {
      return { name, process: await launch.startSide(name, signal), limits, loadLimits }
    }
    const sides = { baseline: await start('baseline'), candidate: await start('candidate') }
    return { kind: 'done', result: await work(sides) }
  } catch (error) {
    if (error instanceof CheckFailedError) return { kind: 'failed', failure: error.failure }
    if (error instanceof SideFailedError) return { kind: 'failed', failure: describeLoss(error, prepared) }
    throw error
  } finally {
    await launch.stop()
  }
}
