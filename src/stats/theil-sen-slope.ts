import { median } from './quantile.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** Pairs grow with the square: more points than this are thinned out evenly. */
const MAX_POINTS = 300

/**
 * Median of the slopes between all points that differ in x [Theil1950; Sen1968]: up to 29 % of the points may be anything.
 *
 * @returns NaN without two points that differ in x
 */
export function theilSenSlope(points: readonly Point[]): number {
  const step = Math.max(1, (points.length - 1) / (MAX_POINTS - 1))
  const count = points.length === 0 ? 0 : Math.floor((points.length - 1) / step) + 1
  const used = Array.from({ length: count }, (_, index) => points[Math.round(index * step)]).filter(
    (point) => point !== undefined
  )
  const slopes: number[] = []
  for (const [index, from] of used.entries()) {
    for (const to of used.slice(index + 1)) {
      if (to.x !== from.x) slopes.push((to.y - from.y) / (to.x - from.x))
    }
  }
  return median(slopes)
}
