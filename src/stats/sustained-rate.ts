export interface RatePoint {
  readonly ratePerS: number
  /** Null: longer than any limit. */
  readonly latencyNs: number | null
}

/**
 * The highest rate up to which all points keep the limit. Between the last that does and the first that does not, latency is
 * taken for a power of the rate.
 *
 * @param points ascending by rate
 * @returns null when the lowest rate is too much already
 */
export function sustainedRate(points: readonly RatePoint[], sloNs: number): number | null {
  const broken = points.findIndex(({ latencyNs }) => latencyNs === null || latencyNs > sloNs)
  if (broken === 0 || points.length === 0) return null
  const [below, above] = broken === -1 ? [points.at(-1), undefined] : [points[broken - 1], points[broken]]
  if (below === undefined || below.latencyNs === null) return null
  if (above === undefined || above.latencyNs === null) return below.ratePerS
  const share = Math.log(sloNs / below.latencyNs) / Math.log(above.latencyNs / below.latencyNs)
  return below.ratePerS * (above.ratePerS / below.ratePerS) ** share
}
