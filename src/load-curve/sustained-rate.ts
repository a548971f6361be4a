import { NS_PER_S } from '#contracts/units.ts'
import type { LoadPoint } from './load-point.ts'
import { fitRisingLatency } from './rising-latency.ts'

/** Part of the offered rate that must be answered. A queue that grows answers less, the more so the longer it is watched. */
const SUSTAINED_SHARE = 0.95

/** One segment of a ramp, as its block records it. */
export interface ServedLoad {
  readonly offeredPerS: number
  readonly arrivals: number
  /** Requests that were not answered. */
  readonly errors: number
  /** From the first intended arrival until the last answer. */
  readonly lastNs: number
  /** Of an answered request from when it was sent; the last arrivals need that long whatever the load. */
  readonly medianServiceNs: number
}

/** Whether answers kept up with arrivals: at least 95 % of the offered rate was answered until the last answer. */
export function isSustained({ offeredPerS, arrivals, errors, lastNs, medianServiceNs }: ServedLoad): boolean {
  const offeredNs = (arrivals / offeredPerS) * NS_PER_S
  const busyNs = Math.max(offeredNs, lastNs - medianServiceNs)
  return ((arrivals - errors) / busyNs) * NS_PER_S >= SUSTAINED_SHARE * offeredPerS
}

export type SustainedRate =
  | { readonly kind: 'found'; readonly ratePerS: number }
  /** Every step keeps the objective: the rate is at least that of the last. */
  | { readonly kind: 'at_least'; readonly ratePerS: number }
  /** No step keeps it: the rate is below that of the first. */
  | { readonly kind: 'below'; readonly ratePerS: number }
  | { readonly kind: 'unknown' }

/**
 * The highest rate up to which every rate keeps the latency objective: sustained rather than peak, so that a lucky step above
 * one that failed does not count. Between the last step that keeps it and the first that does not, the logarithm of latency
 * is taken to be a straight line over that of the rate; where the latter has no latency, the former is the answer.
 *
 * @param points one percentile's latency at each step, in any order
 */
export function findSustainedRate(points: readonly LoadPoint[], objectiveNs: number): SustainedRate {
  const rates = points.map(({ ratePerS }) => ratePerS)
  if (rates.length === 0) return { kind: 'unknown' }
  const limit = Math.log(objectiveNs)
  const lost = Math.min(...points.flatMap(({ ratePerS, latencyNs }) => (latencyNs === null ? [ratePerS] : [])))
  const curve = fitRisingLatency(points.filter(({ ratePerS }) => ratePerS < lost))
  const failing = curve.findIndex(({ lnLatency }) => lnLatency > limit)
  const below = curve.at(failing < 0 ? -1 : failing - 1)
  if (failing === 0 || below === undefined) return { kind: 'below', ratePerS: Math.min(...rates) }
  const above = curve[failing]
  if (above === undefined)
    return { kind: lost < Number.POSITIVE_INFINITY ? 'found' : 'at_least', ratePerS: Math.exp(below.lnRate) }
  const part = (limit - below.lnLatency) / (above.lnLatency - below.lnLatency)
  return { kind: 'found', ratePerS: Math.exp(below.lnRate + part * (above.lnRate - below.lnRate)) }
}

/** The same as one number: the last step's rate when every step keeps the objective, null when none does. */
export function sustainedRate(points: readonly LoadPoint[], objectiveNs: number): number | null {
  const found = findSustainedRate(points, objectiveNs)
  return found.kind === 'found' || found.kind === 'at_least' ? found.ratePerS : null
}
