import type { Side } from '#contracts/identifiers.ts'
import type { Block, LatencyObjective } from '#contracts/measurements.ts'
import { findKnee, type Knee } from '#src/load-curve/find-knee.ts'
import type { SustainedRate } from '#src/load-curve/sustained-rate.ts'
import { punctualLaunches } from './drop-late-quads.ts'
import { type LevelInterval, levelInterval } from './level-interval.ts'
import { findRateOf, type RampStep, rampSteps, stepQuantile, toLoadPoints } from './ramp-points.ts'

/** One rate of the curve, pooled over the rounds. Null: more requests failed than the quantile leaves room for. */
export interface CurvePoint {
  readonly ratePerS: number
  readonly p50Ns: number | null
  readonly p95Ns: number | null
  readonly p99Ns: number | null
  readonly failedShare: number
  /** Whether answers kept up with arrivals. */
  readonly isSustained: boolean
}

export interface RampFacts {
  /** Ascending. */
  readonly points: readonly CurvePoint[]
  /** Where queueing sets in, on the pooled curve of the objective's percentile (p95 without one). */
  readonly knee: Knee
  /** On the same curve; null without an objective. */
  readonly sustained: SustainedRate | null
  /** Requests per second, over the rounds that found one; null for fewer than two. */
  readonly sustainedInterval: LevelInterval | null
  /** Rounds that kept the objective at all rates, and at none: their true rates lie beyond those offered. */
  readonly roundsAbove: number
  readonly roundsBelow: number
}

export function collectRamp(blocks: readonly Block[], side: Side, slo: LatencyObjective | undefined): RampFacts {
  const launches = punctualLaunches(blocks)
  const steps = rampSteps(launches.flat(), side)
  const rates = launches.flatMap((ofLaunch) => (slo === undefined ? [] : [findRateOf(rampSteps(ofLaunch, side), slo)]))
  const found = rates.flatMap((rate) => (rate.kind === 'found' || rate.kind === 'at_least' ? [rate.ratePerS] : []))
  return {
    points: steps.map(describePoint),
    knee: findKnee(toLoadPoints(steps, slo?.percentile ?? 'p95')),
    sustained: slo === undefined ? null : findRateOf(steps, slo),
    sustainedInterval: levelInterval(found, 'log'),
    roundsAbove: rates.filter(({ kind }) => kind === 'at_least').length,
    roundsBelow: rates.filter(({ kind }) => kind === 'below').length
  }
}

function describePoint(step: RampStep): CurvePoint {
  const sent = step.latenciesNs.length + step.errors
  return {
    ratePerS: step.ratePerS,
    p50Ns: stepQuantile(step, 0.5),
    p95Ns: stepQuantile(step, 0.95),
    p99Ns: stepQuantile(step, 0.99),
    failedShare: sent === 0 ? 0 : step.errors / sent,
    isSustained: step.isSustained
  }
}
