import type { Metric } from '#contracts/metric.ts'
import { median } from './quantile.ts'

/** How the sides of one round differ in one metric. */
export interface RoundEffect {
  /**
   * More than zero when the candidate is worse: ln(candidate / baseline) of latencies and memory (for rates, of the time per
   * request or token), candidate − baseline for metrics whose change is a difference (for goodput, of the share that is not good).
   */
  readonly slowdown: number
  /** Level of each side on the same scale: nanoseconds, bytes, or what the difference is taken of. */
  readonly baseline: number
  readonly candidate: number
}

/** Null where the round has too few requests for the metric, or the scenario no such metric. */
export type RoundEffects = Readonly<Record<Metric, RoundEffect | null>>

export const NO_EFFECTS: RoundEffects = {
  p50: null,
  throughput: null,
  p95: null,
  p99: null,
  slow_share: null,
  service_p50: null,
  sustained_rate: null,
  ready: null,
  ttft: null,
  itl: null,
  tokens_per_s: null,
  itl_p95: null,
  goodput: null,
  memory_growth: null,
  latency_drift: null,
  memory: null
}

/** Difference of logarithms, not logarithm of the quotient: the quotient of extreme latencies overflows. */
export function ratioEffect(baseline: number, candidate: number): RoundEffect {
  return { slowdown: Math.log(candidate) - Math.log(baseline), baseline, candidate }
}

export function differenceEffect(baseline: number, candidate: number): RoundEffect {
  return { slowdown: candidate - baseline, baseline, candidate }
}

/** Median of the effects and of the levels: in a short window both sides met the same machine. Null without effects. */
export function medianEffect(effects: readonly RoundEffect[]): RoundEffect | null {
  if (effects.length === 0) return null
  return usable({
    slowdown: median(effects.map(({ slowdown }) => slowdown)),
    baseline: median(effects.map(({ baseline }) => baseline)),
    candidate: median(effects.map(({ candidate }) => candidate))
  })
}

/** Latencies at the ends of the number range can overflow a sum; such a round says nothing about the metric. */
export function usable(effect: RoundEffect): RoundEffect | null {
  return Number.isFinite(effect.slowdown) ? effect : null
}
