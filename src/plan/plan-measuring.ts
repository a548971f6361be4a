import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import { MS_PER_MINUTE, MS_PER_S } from '#contracts/units.ts'
import type { TailgateConfig } from '#src/config/config.schema.ts'

/** Rounds after which a comparison is looked at: docs/statistics.md, "Deciding". The error rates hold for these. */
const LOOKS: readonly number[] = [6, 9, 12, 16]
const FIRST_LOOK = Math.min(...LOOKS)
const LAST_PLANNED_LOOK = Math.max(...LOOKS)

/** Warm-up by requests ends here, so that slow models do not warm up for minutes. */
const WARM_UP_CAP_MS = 10_000

/** The measuring settings in the worker's units. */
export function planMeasuring(policy: TailgateConfig): MeasuringPlan {
  const { measuring, runner } = policy
  const warmUpMs = Math.round(measuring.warm_up_seconds * MS_PER_S)
  return {
    roundMs: Math.round(measuring.round_seconds * MS_PER_S),
    warmUpRequests: measuring.warm_up_requests,
    warmUpMs,
    warmUpCapMs: Math.max(WARM_UP_CAP_MS, warmUpMs),
    ...planLooks(measuring.max_rounds),
    requestTimeoutMs: Math.round(measuring.request_timeout_seconds * MS_PER_S),
    jobTimeoutMs: runner.timeout_minutes * MS_PER_MINUTE
  }
}

/**
 * Up to sixteen rounds: the looks of the procedure that come before `maxRounds`, and one after it; fewer looks never raise the
 * error rate. Above: open-ended, so that every round from the first look on may be one.
 */
function planLooks(maxRounds: number): Pick<MeasuringPlan, 'looks' | 'design'> {
  if (maxRounds <= LAST_PLANNED_LOOK) {
    const looks = [...LOOKS.filter((rounds) => rounds < maxRounds), maxRounds]
    return { looks, design: { kind: 'planned_looks' } }
  }
  const looks = Array.from({ length: maxRounds - FIRST_LOOK + 1 }, (_, index) => FIRST_LOOK + index)
  return { looks, design: { kind: 'open_ended' } }
}
