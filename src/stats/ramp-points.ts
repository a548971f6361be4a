import type { Side } from '#contracts/identifiers.ts'
import type { Block, LatencyObjective } from '#contracts/measurements.ts'
import type { Percentile } from '#contracts/scenario.ts'
import { NS_PER_MS, NS_PER_S } from '#contracts/units.ts'
import type { LoadPoint } from '#src/load-curve/load-point.ts'
import { findSustainedRate, type SustainedRate } from '#src/load-curve/sustained-rate.ts'
import { keepsUp } from './open-loop-facts.ts'
import { quantileOfSorted } from './quantile.ts'
import { type RoundEffect, ratioEffect } from './round-effect.ts'

const PROBABILITIES: Readonly<Record<Percentile, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 }

/** What one side answered at one offered rate. */
export interface RampStep {
  readonly ratePerS: number
  /** Ascending. */
  readonly latenciesNs: Float64Array
  readonly errors: number
  /** Whether answers kept up with arrivals: otherwise latency grows with the length of the segments. */
  readonly isSustained: boolean
}

/** The steps of one side, from the lowest rate to the highest. Blocks without a load belong to none. */
export function rampSteps(blocks: readonly Block[], side: Side): RampStep[] {
  const byRate = Map.groupBy(
    blocks.filter((block) => block.side === side && block.load !== undefined),
    ({ load }) => load?.offeredPerS ?? 0
  )
  return [...byRate].sort(([a], [b]) => a - b).map(([ratePerS, ofRate]) => toStep(ratePerS, ofRate))
}

function toStep(ratePerS: number, blocks: readonly Block[]): RampStep {
  return {
    ratePerS,
    latenciesNs: Float64Array.from(blocks.flatMap(({ latenciesNs }) => latenciesNs)).sort(),
    errors: blocks.reduce((sum, block) => sum + block.errors, 0),
    isSustained: keepsUp(blocks)
  }
}

/** A quantile of all requests of the step, those that failed counting as longer than any; null where it falls on one of them. */
export function stepQuantile({ latenciesNs, errors }: RampStep, probability: number): number | null {
  const place = probability * (latenciesNs.length + errors - 1)
  if (latenciesNs.length === 0 || Math.ceil(place) > latenciesNs.length - 1) return null
  return quantileOfSorted(latenciesNs, latenciesNs.length === 1 ? 0 : place / (latenciesNs.length - 1))
}

/** The curve of one quantile; a rate that was not sustained has no latency. */
export function toLoadPoints(steps: readonly RampStep[], percentile: Percentile): LoadPoint[] {
  return steps.map((step) => ({
    ratePerS: step.ratePerS,
    latencyNs: step.isSustained ? stepQuantile(step, PROBABILITIES[percentile]) : null
  }))
}

/** The highest rate at which one side keeps the objective. */
export function findRateOf(steps: readonly RampStep[], slo: LatencyObjective): SustainedRate {
  return findSustainedRate(toLoadPoints(steps, slo.percentile), slo.latencyMs * NS_PER_MS)
}

/**
 * The sides' sustained rates, as time per request. A side that keeps the objective at no rate counts with the lowest rate
 * offered, which is more than it sustains, and one that keeps it at all with the highest: both say too little, never too
 * much. Null when neither side keeps it at any rate.
 */
export function compareSustainedRates(blocks: readonly Block[], slo: LatencyObjective): RoundEffect | null {
  const baseline = findRateOf(rampSteps(blocks, 'baseline'), slo)
  const candidate = findRateOf(rampSteps(blocks, 'candidate'), slo)
  if (baseline.kind === 'unknown' || candidate.kind === 'unknown') return null
  if (baseline.kind === 'below' && candidate.kind === 'below') return null
  return ratioEffect(NS_PER_S / baseline.ratePerS, NS_PER_S / candidate.ratePerS)
}
