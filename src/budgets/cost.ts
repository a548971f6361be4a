import type { Price } from '#contracts/budgets.ts'
import type { CaseComparison, MetricComparison } from '#stats/verdict.ts'

const S_PER_HOUR = 3600
const MILLION = 1e6

/** What a million inferences, or tokens, cost at the rate that was measured. */
export interface CostComparison {
  readonly of: 'inferences' | 'tokens'
  readonly currency: string
  /** Per million. Null where a side has no rate. */
  readonly baseline: number | null
  readonly candidate: number | null
  /** (candidate − baseline) / baseline, from the paired rounds; null where the rate was not assessed. */
  readonly relativeChange: number | null
  /** Two one-sided bounds around it, those of the rate. */
  readonly interval: readonly [low: number, high: number] | null
}

/** The rates that a cost can be worked out from, the best first: what is sustained, then what is answered. */
const RATES = ['sustained_rate', 'tokens_per_s', 'throughput'] as const

/**
 * Price per hour over what an hour does, with the change and the interval of the rate turned over. Under an open load the
 * rate is what was offered, not what the machine could do, so it has no cost.
 *
 * @param inferencesPerRequest of batches and multi-stream queries; `inferencesOf`
 * @returns null for scenarios without such a rate: cold starts and open loads at a given rate
 */
export function compareCost(
  comparison: CaseComparison,
  price: Price,
  inferencesPerRequest: number
): CostComparison | null {
  if (comparison.scenario === 'server' || comparison.scenario === 'burst') return null
  const rate = RATES.map((name) => comparison.metrics.find(({ metric }) => metric === name)).find(
    (metric) => metric !== undefined
  )
  if (rate === undefined) return null
  const of = rate.metric === 'tokens_per_s' ? 'tokens' : 'inferences'
  const perUnit = of === 'tokens' ? 1 : inferencesPerRequest
  const costOf = (perS: number | null) =>
    perS === null || perS <= 0 ? null : (MILLION * price.perHour) / (S_PER_HOUR * perS * perUnit)
  return {
    of,
    currency: price.currency,
    baseline: costOf(rate.baseline),
    candidate: costOf(rate.candidate),
    ...invertChange(rate)
  }
}

/** Half the rate is twice the cost. A rate that may fall to nothing has no upper bound that could be shown. */
function invertChange({
  relativeChange,
  interval
}: MetricComparison): Pick<CostComparison, 'relativeChange' | 'interval'> {
  const invert = (change: number) => Math.min(1 / (1 + change) - 1, Number.MAX_VALUE) + 0
  if (relativeChange === null) return { relativeChange: null, interval: null }
  return {
    relativeChange: invert(relativeChange),
    interval: interval === null ? null : [invert(interval[1]), invert(interval[0])]
  }
}
