import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import { listLooks, MAX_PLANNED_ROUNDS } from '#contracts/decision-design.ts'
import { MS_PER_MINUTE, MS_PER_S } from '#contracts/units.ts'
import type { TailgateConfig } from '#src/config/config.schema.ts'

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

/** Every round from the sixth on is a look; above the number that is planned for, open-ended. docs/statistics.md "Deciding". */
function planLooks(maxRounds: number): Pick<MeasuringPlan, 'looks' | 'design'> {
  return {
    looks: listLooks(maxRounds),
    design: { kind: maxRounds <= MAX_PLANNED_ROUNDS ? 'planned_looks' : 'open_ended' }
  }
}
