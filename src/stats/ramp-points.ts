import type { Side } from '#contracts/identifiers.ts'
import type { Block, LatencyObjective } from '#contracts/measurements.ts'
import type { Percentile } from '#contracts/scenario.ts'
import { NS_PER_MS, NS_PER_S } from '#contracts/units.ts'
import { quantileOfSorted } from './quantile.ts'
import { type RoundEffect, ratioEffect } from './round-effect.ts'
import { sustainedRate } from './sustained-rate.ts'

export const PROBABILITIES: Readonly<Record<Percentile, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 }

/** What one side answered at one offered rate. */
export interface RampStep {
  readonly ratePerS: number
  /** Ascending. */
  readonly latenciesNs: Float64Array
  readonly errors: number
}

/** The steps of one side, from the lowest rate to the highest. Blocks without a load belong to none. */
export function rampSteps(blocks: readonly Block[], side: Side): RampStep[] {
  const byRate = Map.groupBy(
    blocks.filter((block) => block.side === side && block.load !== undefined),
    ({ load }) => load?.offeredPerS ?? 0
  )
  return [...byRate]
    .sort(([a], [b]) => a - b)
    .map(([ratePerS, ofRate]) => ({
      ratePerS,
      latenciesNs: Float64Array.from(ofRate.flatMap(({ latenciesNs }) => latenciesNs)).sort(),
      errors: ofRate.reduce((sum, { errors }) => sum + errors, 0)
    }))
}

/** A quantile of all requests of the step, those that failed counting as longer than any; null where it falls on one of them. */
export function stepQuantile({ latenciesNs, errors }: RampStep, probability: number): number | null {
  const sent = latenciesNs.length + errors
  const place = probability * (sent - 1)
  if (sent === 0 || Math.ceil(place) > latenciesNs.length - 1) return null
  return quantileOfSorted(latenciesNs, latenciesNs.length === 1 ? 0 : place / (latenciesNs.length - 1))
}

/**
 * The highest rate at which one side keeps the objective; null when it keeps it at none.
 *
 * @param steps ascending
 */
export function findSustainedRate(steps: readonly RampStep[], slo: LatencyObjective): number | null {
  const points = steps.map((step) => ({
    ratePerS: step.ratePerS,
    latencyNs: stepQuantile(step, PROBABILITIES[slo.percentile])
  }))
  return sustainedRate(points, slo.latencyMs * NS_PER_MS)
}

/**
 * The sides' sustained rates, as time per request. A side that keeps the objective at no rate counts with the lowest rate
 * offered, which is more than it sustains; null when neither does.
 */
export function compareSustainedRates(blocks: readonly Block[], slo: LatencyObjective): RoundEffect | null {
  const steps = rampSteps(blocks, 'baseline')
  const baseline = findSustainedRate(steps, slo)
  const candidate = findSustainedRate(rampSteps(blocks, 'candidate'), slo)
  const lowest = steps[0]?.ratePerS
  if (lowest === undefined || (baseline === null && candidate === null)) return null
  return ratioEffect(NS_PER_S / (baseline ?? lowest), NS_PER_S / (candidate ?? lowest))
}
