import type { LoadPoint } from './load-point.ts'
import { fitRisingLatency, type LogPoint } from './rising-latency.ts'

export type Knee =
  | { readonly kind: 'found'; readonly ratePerS: number; readonly latencyNs: number }
  /** Latency rises faster than the load from the first step on: the knee is below it. */
  | { readonly kind: 'below'; readonly ratePerS: number }
  /** Latency rises more slowly than the load up to the last step: the knee is above it. */
  | { readonly kind: 'above'; readonly ratePerS: number }
  /** Fewer than three points. */
  | { readonly kind: 'unknown' }

/**
 * The onset of queueing on a curve of latency over offered load: the rate from which one percent more load costs more than
 * one percent more latency. That is where rate ÷ latency, Kleinrock's power, is highest [Kleinrock1979]: half the capacity
 * for M/M/1 at every percentile, 2 − √2 of it for the mean of M/D/1, more with several instances.
 *
 * Kneedle [Satopaa2011] and a fit of two straight lines look for the sharpest bend instead. Simulated on M/D/1, M/M/1 and
 * M/D/4 with ten steps of 600 requests, the bend they find moves with the range of the ramp (Kneedle: from 0.50 of the
 * capacity to 0.98 when the ramp goes on to 1.3 instead of 0.8), because queues have no bend of their own; this knee stays
 * within 0.04. docs/scenarios.md "The knee" has the table.
 *
 * Between steps the logarithms are interpolated by the parabola through the best step and its neighbours.
 */
export function findKnee(points: readonly LoadPoint[]): Knee {
  const curve = fitRisingLatency(points)
  const costs = curve.map(({ lnRate, lnLatency }) => lnLatency - lnRate)
  if (costs.length < 3) return { kind: 'unknown' }
  const best = costs.indexOf(Math.min(...costs))
  const at = curve[best]
  const before = curve[best - 1]
  const after = curve[best + 1]
  if (at === undefined) return { kind: 'unknown' }
  if (before === undefined) return { kind: 'below', ratePerS: Math.exp(at.lnRate) }
  if (after === undefined) return endWith(at, points)
  const lnRate = findLowest([
    [before.lnRate, before.lnLatency - before.lnRate],
    [at.lnRate, at.lnLatency - at.lnRate],
    [after.lnRate, after.lnLatency - after.lnRate]
  ])
  const neighbour = lnRate < at.lnRate ? before : after
  const part = (lnRate - at.lnRate) / (neighbour.lnRate - at.lnRate)
  const lnLatency = at.lnLatency + part * (neighbour.lnLatency - at.lnLatency)
  return { kind: 'found', ratePerS: Math.exp(lnRate), latencyNs: Math.exp(lnLatency) }
}

/** The last step with a latency is the best. Where a higher one had none, latency rose there faster than any load. */
function endWith({ lnRate, lnLatency }: LogPoint, points: readonly LoadPoint[]): Knee {
  const ratePerS = Math.exp(lnRate)
  const isLast = !points.some((point) => point.latencyNs === null && Math.log(point.ratePerS) > lnRate)
  return isLast ? { kind: 'above', ratePerS } : { kind: 'found', ratePerS, latencyNs: Math.exp(lnLatency) }
}

type Point = readonly [x: number, y: number]

/** Where the parabola through three points is lowest. The middle one must be no higher than the others. */
function findLowest([[x0, y0], [x1, y1], [x2, y2]]: readonly [Point, Point, Point]): number {
  const left = (x1 - x0) * (y1 - y2)
  const right = (x1 - x2) * (y1 - y0)
  const bend = left - right
  return bend === 0 ? x1 : x1 - ((x1 - x0) * left - (x1 - x2) * right) / (2 * bend)
}
