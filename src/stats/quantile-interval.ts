import binomialQuantile from '@stdlib/stats-base-dists-binomial-quantile'

/** Both ends together are wrong with this probability. docs/statistics.md "What each number in the report means". */
const ERROR_SHARE = 0.05

/** Positions in ascending order, counted from 1 as order statistics are. */
export interface OrderStatistics {
  readonly low: number
  readonly high: number
}

/**
 * The two order statistics that enclose a quantile with 95 % confidence, whatever the distribution [HahnMeeker1991, 5.2]:
 * the number of values below the quantile is binomial. Each end is wrong with at most 2.5 %.
 *
 * @param probability strictly between 0 and 1
 * @returns null where even the smallest and the largest value do not enclose it: below 72 values for p95, 368 for p99
 */
export function findOrderStatistics(count: number, probability: number): OrderStatistics | null {
  const low = binomialQuantile(ERROR_SHARE / 2, count, probability)
  const high = binomialQuantile(1 - ERROR_SHARE / 2, count, probability) + 1
  return low >= 1 && high <= count ? { low, high } : null
}

/**
 * Interval of a quantile of independent values. Requests of one launch are not independent: for display only.
 *
 * @returns null when there are too few values
 */
export function quantileInterval(
  sorted: Readonly<ArrayLike<number>>,
  probability: number
): readonly [low: number, high: number] | null {
  const places = findOrderStatistics(sorted.length, probability)
  if (places === null) return null
  const low = sorted[places.low - 1]
  const high = sorted[places.high - 1]
  return low === undefined || high === undefined ? null : [low, high]
}
