import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf'
import { quantileOfSorted } from '#stats/quantile.ts'

const WANTED_COVERAGE = 0.95

export interface MedianInterval {
  readonly median: number
  readonly low: number
  readonly high: number
  /** Chance that the interval holds the true median, whatever the distribution; below 0.95 when there are too few values. */
  readonly coverage: number
}

/**
 * Median with its distribution-free interval: the innermost pair of order statistics that covers at least 95 %, or the
 * extremes where no pair does (below six values). [Conover1999] section 3.2.
 */
export function medianInterval(values: readonly number[]): MedianInterval {
  const sorted = [...values].sort((left, right) => left - right)
  let rank = 0
  while (rank + 1 < sorted.length / 2 && coverageAt(sorted.length, rank + 1) >= WANTED_COVERAGE) rank += 1
  return {
    median: quantileOfSorted(sorted, 0.5),
    low: sorted[rank] ?? Number.NaN,
    high: sorted[sorted.length - 1 - rank] ?? Number.NaN,
    coverage: sorted.length === 0 ? 0 : coverageAt(sorted.length, rank)
  }
}

/** Coverage of the interval that leaves out the `rank` smallest and the `rank` largest of `count` values. */
function coverageAt(count: number, rank: number): number {
  return Math.max(0, 1 - 2 * binomialCdf(rank, count, 0.5))
}
