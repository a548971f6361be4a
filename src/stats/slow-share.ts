import type { PerSide } from './paired-sample.ts'
import { quantileOfSorted } from './quantile.ts'
import type { Window } from './windows.ts'

/**
 * A request is not slow up to the first multiple of its window's joint median, wholly slow from the second, and in between
 * in proportion (on the log scale): the mean of the shares over all limits between the two.
 */
const SLOW_FROM = 1.15
const SLOW_TO = 1.4

/** Keeps windows without a slow request from getting all the weight: the variance of a share of 2 %. */
const LEAST_VARIANCE = 0.02

interface WindowScores {
  /** Sums of the slowness (0 to 1) of the requests of each side. */
  readonly slow: PerSide<number>
  readonly requests: PerSide<number>
}

/**
 * Share of slow requests of each side, taken over all windows with the inverse of the variance as their weight: where
 * something else disturbed the machine both sides have many slow requests, which say little. The weight of a window comes
 * from both sides together, so that swapping them mirrors the difference, and from its two neighbours as well: with its own
 * few requests alone, windows would weigh more because they happened to have no slow request.
 */
export function compareSlowness(windows: readonly Window[]): PerSide<number> {
  const scores = windows.map(scoreWindow)
  let weights = 0
  const sums = { baseline: 0, candidate: 0 }
  for (const [index, { slow, requests }] of scores.entries()) {
    const weight = weigh(scores.slice(Math.max(0, index - 1), index + 2), requests)
    weights += weight
    sums.baseline += (weight * slow.baseline) / requests.baseline
    sums.candidate += (weight * slow.candidate) / requests.candidate
  }
  return { baseline: sums.baseline / weights, candidate: sums.candidate / weights }
}

/** 1 / variance of the difference of two shares, up to a constant. */
function weigh(neighbourhood: readonly WindowScores[], requests: PerSide<number>): number {
  const slow = neighbourhood.reduce((sum, scores) => sum + scores.slow.baseline + scores.slow.candidate, 0)
  const all = neighbourhood.reduce((sum, scores) => sum + scores.requests.baseline + scores.requests.candidate, 0)
  const share = slow / all
  const effective = (requests.baseline * requests.candidate) / (requests.baseline + requests.candidate)
  return effective / (share * (1 - share) + LEAST_VARIANCE)
}

function scoreWindow({ baseline, candidate }: Window): WindowScores {
  const joint = new Float64Array(baseline.length + candidate.length)
  joint.set(baseline)
  joint.set(candidate, baseline.length)
  const medianLog = Math.log(quantileOfSorted(joint.sort(), 0.5))
  const score = (latencies: Float64Array) =>
    latencies.reduce((sum, latencyNs) => sum + slowness(Math.log(latencyNs) - medianLog), 0)
  return {
    slow: { baseline: score(baseline), candidate: score(candidate) },
    requests: { baseline: baseline.length, candidate: candidate.length }
  }
}

function slowness(logMultiple: number): number {
  const share = (logMultiple - Math.log(SLOW_FROM)) / Math.log(SLOW_TO / SLOW_FROM)
  return Math.min(1, Math.max(0, share))
}
