import { quantileOfSorted } from './quantile.ts'

/**
 * Values further than this many (normal-consistent) median absolute deviations from the centre have no weight. 2.5 of
 * 1.5, 2, 2.5, 3 and 4.7: docs/statistics.md "p50 from pairs of requests" has the figures.
 */
const BIWEIGHT_TUNING = 2.5

/** Median absolute deviation of normal values, in standard deviations. */
const NORMAL_MAD = 0.6745

/** Steps shorter than this share of the reach change nothing that is shown; they shrink by about half each time. */
const LEAST_STEP = 1e-6
const MAX_ITERATIONS = 30

/**
 * Tukey's biweight estimate of location [MostellerTukey1977, ch. 10]: a mean in which values far from the centre weigh less and
 * those further than the tuning constant nothing, found by iteration from the median. Mirrored values give the mirrored
 * estimate.
 *
 * @param values are sorted in place
 * @returns NaN when there are no values
 */
export function robustCentre(values: Float64Array): number {
  values.sort()
  let centre = quantileOfSorted(values, 0.5)
  const spread = medianDeviation(values, centre) / NORMAL_MAD
  if (!(spread > 0)) return centre
  const reach = BIWEIGHT_TUNING * spread
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration += 1) {
    const next = weightedMean(values, centre, reach)
    const isSettled = Math.abs(next - centre) < LEAST_STEP * reach
    centre = next
    if (isSettled) break
  }
  return centre
}

/** Median distance of ascending values from a centre among them: from the two ends, the further one is always the largest left. */
function medianDeviation(sorted: Float64Array, centre: number): number {
  let low = 0
  let high = sorted.length - 1
  let deviation = Number.NaN
  for (let left = sorted.length; left > Math.floor(sorted.length / 2); left -= 1) {
    const below = centre - (sorted[low] ?? Number.NaN)
    const above = (sorted[high] ?? Number.NaN) - centre
    deviation = Math.max(below, above)
    if (below >= above) low += 1
    else high -= 1
  }
  return deviation
}

/** Mean with weights (1 − u²)², u the distance from the centre as a share of the reach. */
function weightedMean(values: Float64Array, centre: number, reach: number): number {
  let weights = 0
  let sum = 0
  for (const value of values) {
    const distance = (value - centre) / reach
    if (Math.abs(distance) >= 1) continue
    const rest = 1 - distance * distance
    const weight = rest * rest
    weights += weight
    sum += weight * (value - centre)
  }
  return centre + sum / weights
}
