import { MIN_WINDOWS, P95_WINDOW_REQUESTS, THROUGHPUT_WINDOW_REQUESTS } from './judge-settings.ts'
import { slopeOf } from './measure-drift.ts'
import { pairRequests } from './pair-requests.ts'
import { poolQuads, type Quad } from './paired-sample.ts'
import { quantileOfSorted } from './quantile.ts'
import { robustCentre } from './robust-centre.ts'
import { medianEffect, type RoundEffect, ratioEffect, usable } from './round-effect.ts'
import { cutWindows, joinQuads, type Window } from './windows.ts'

/** What the quads of a closed loop say of a round. */

/**
 * Robust centre of the ratios of neighbouring requests. A machine that flips between a fast and a slow state makes the
 * median of a round jump, and the medians of neighbouring blocks differ while it flips; of single pairs the most met the
 * same state, and the others lie far out. docs/statistics.md "p50 from pairs of requests" has the figures.
 *
 * @param windows ascending; for the levels
 */
export function comparePairs(quads: readonly Quad[], windows: readonly Window[]): RoundEffect | null {
  const levels = medianEffect((windows.length > 0 ? windows : sortWindows(quads.map(poolSides))).map(compareMedians))
  return levels === null ? null : usable({ ...levels, slowdown: robustCentre(pairRequests(quads)) })
}

/**
 * Median over short windows of the ratio of mean latencies; over single quads where windows cannot be filled. At one
 * request at a time, throughput is 1 / mean latency.
 */
export function compareMeans(quads: readonly Quad[]): RoundEffect | null {
  const windows = cutWindows(quads, THROUGHPUT_WINDOW_REQUESTS)
  const stretches = windows.length > 0 || quads.length < MIN_WINDOWS ? windows : quads.map(poolSides)
  return medianEffect(stretches.map(({ baseline, candidate }) => ratioEffect(mean(baseline), mean(candidate))))
}

/** @param window ascending */
export function compareQuantile({ baseline, candidate }: Window, probability: number): RoundEffect {
  return ratioEffect(quantileOfSorted(baseline, probability), quantileOfSorted(candidate, probability))
}

/** @param window ascending */
function compareMedians(window: Window): RoundEffect {
  return compareQuantile(window, 0.5)
}

/** How the sides move within a round, over windows of whole quads: only they stand in time order. */
export interface RoundSlope {
  /** Of the p50 log ratio, from the start of the round to its end. */
  readonly ratio: number
  /** Of the logarithm of each side's p50. */
  readonly baseline: number
  readonly candidate: number
}

/** @returns null where there are too few windows */
export function measureSlope(quads: readonly Quad[]): RoundSlope | null {
  const medians = sortWindows(joinQuads(quads, P95_WINDOW_REQUESTS)).map(compareMedians)
  const ratio = slopeOf(medians.map(({ slowdown }) => slowdown))
  const baseline = slopeOf(medians.map((effect) => Math.log(effect.baseline)))
  const candidate = slopeOf(medians.map((effect) => Math.log(effect.candidate)))
  return ratio === null ? null : { ratio, baseline: baseline ?? 0, candidate: candidate ?? 0 }
}

/** Sorts the latencies of each window in place. */
export function sortWindows(windows: readonly Window[]): Window[] {
  for (const { baseline, candidate } of windows) {
    baseline.sort()
    candidate.sort()
  }
  return [...windows]
}

function poolSides(quad: Quad): Window {
  return { baseline: poolQuads([quad], 'baseline'), candidate: poolQuads([quad], 'candidate') }
}

function mean(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
