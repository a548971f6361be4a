/**
 * Quantile of ascending values by linear interpolation between order statistics: type 7 of [HyndmanFan1996], the default
 * of R, NumPy and Julia.
 *
 * @param probability between 0 and 1
 * @returns NaN when there are no values
 */
export function quantileOfSorted(sorted: Readonly<ArrayLike<number>>, probability: number): number {
  const position = probability * (sorted.length - 1)
  const index = Math.floor(position)
  const lower = sorted[index] ?? Number.NaN
  const upper = sorted[index + 1] ?? lower
  return lower + (position - index) * (upper - lower)
}

/** Median of values in any order; they are copied, not sorted in place. NaN when there are none. */
export function median(values: Readonly<ArrayLike<number>>): number {
  return quantileOfSorted(new Float64Array(values).sort(), 0.5)
}
