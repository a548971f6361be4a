import { median } from './quantile.ts'

/**
 * Values further than this many (normal-consistent) median absolute deviations from the centre have no weight. 2.5 of
 * 1.5, 2, 2.5, 3 and 4.7: docs/statistics.md "p50 from pairs of requests" has the figures.
 */
const BIWEIGHT_TUNING = 2.5

/** Median absolute deviation of normal values, in standard deviations. */
const NORMAL_MAD = 0.6745

const MAX_ITERATIONS = 30

/**
 * Tukey's biweight estimate of location [MostellerTukey1977, ch. 10]: a mean in which values far from the centre weigh less and
 * those further than the tuning constant nothing, found by iteration from the median. Mirrored values give the mirrored
 * estimate.
 *
 * @returns NaN when there are no values
 */
export function robustCentre(values: Float64Array): number {
  let centre = median(values)
  const spread = median(values.map((value) => Math.abs(value - centre))) / NORMAL_MAD
  if (!(spread > 0)) return centre
  const reach = BIWEIGHT_TUNING * spread
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration += 1) {
    const next = weightedMean(values, centre, reach)
    const isSettled = Math.abs(next - centre) < 1e-9 * reach
    centre = next
    if (isSettled) break
  }
  return centre
}

/** Mean with weights (1 − u²)², u the distance from the centre as a share of the reach. */
function weightedMean(values: Float64Array, centre: number, reach: number): number {
  let weights = 0
  let sum = 0
  for (const value of values) {
    const distance = (value - centre) / reach
    if (Math.abs(distance) >= 1) continue
    const weight = (1 - distance * distance) ** 2
    weights += weight
    sum += weight * (value - centre)
  }
  return centre + sum / weights
}
