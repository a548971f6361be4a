import type { Side } from '#contracts/identifiers.ts'
import type { Block, LatencyObjective } from '#contracts/measurements.ts'
import { type LevelInterval, levelInterval } from './level-interval.ts'
import { findSustainedRate, type RampStep, rampSteps, stepQuantile } from './ramp-points.ts'

/** One rate of the curve, pooled over the rounds. Null: more requests failed than the quantile leaves room for. */
export interface CurvePoint {
  readonly ratePerS: number
  readonly p50Ns: number | null
  readonly p95Ns: number | null
  readonly p99Ns: number | null
  readonly failedShare: number
}

export interface RampFacts {
  /** Ascending. */
  readonly points: readonly CurvePoint[]
  /** Of the pooled points; null when it is too little for the lowest rate, or no objective is known. */
  readonly sustainedPerS: number | null
  /** Over the rounds that have one. */
  readonly sustainedInterval: LevelInterval | null
  /** Rounds whose objective was kept at the highest rate offered: the true rate is higher. */
  readonly roundsAtTop: number
  /** Rounds that keep it at no rate. */
  readonly roundsBelow: number
}

export function collectRamp(blocks: readonly Block[], side: Side, slo: LatencyObjective | undefined): RampFacts {
  const steps = rampSteps(blocks, side)
  const top = steps.at(-1)?.ratePerS
  const launches = [...Map.groupBy(blocks, ({ launch }) => launch).values()]
  const rates = slo === undefined ? [] : launches.map((ofLaunch) => findSustainedRate(rampSteps(ofLaunch, side), slo))
  const found = rates.filter((rate) => rate !== null)
  return {
    points: steps.map(describePoint),
    sustainedPerS: slo === undefined ? null : findSustainedRate(steps, slo),
    sustainedInterval: levelInterval(found, 'log'),
    roundsAtTop: found.filter((rate) => rate === top).length,
    roundsBelow: rates.length - found.length
  }
}

function describePoint(step: RampStep): CurvePoint {
  const sent = step.latenciesNs.length + step.errors
  return {
    ratePerS: step.ratePerS,
    p50Ns: stepQuantile(step, 0.5),
    p95Ns: stepQuantile(step, 0.95),
    p99Ns: stepQuantile(step, 0.99),
    failedShare: sent === 0 ? 0 : step.errors / sent
  }
}
