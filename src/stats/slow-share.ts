import type { Side } from '#contracts/identifiers.ts'
import type { PerSide } from './paired-sample.ts'
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
 * something else disturbed the machine both sides have many slow requests, which say little. What counts for the weight is the
 * geometric mean of the sides' shares: where only one side has slow requests, they are its own and weigh in full. It comes
 * from the two neighbours of a window as well: with its own few requests alone, windows would weigh more because they
 * happened to have no slow request. Swapping the sides mirrors the difference.
 *
 * @param windows the latencies of each side ascending
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
  const share = Math.sqrt(shareOf(neighbourhood, 'baseline') * shareOf(neighbourhood, 'candidate'))
  const effective = (requests.baseline * requests.candidate) / (requests.baseline + requests.candidate)
  return effective / (share * (1 - share) + LEAST_VARIANCE)
}

function shareOf(neighbourhood: readonly WindowScores[], side: Side): number {
  const slow = neighbourhood.reduce((sum, scores) => sum + scores.slow[side], 0)
  const requests = neighbourhood.reduce((sum, scores) => sum + scores.requests[side], 0)
  return slow / requests
}

function scoreWindow({ baseline, candidate }: Window): WindowScores {
  const medianNs = jointMedian(baseline, candidate)
  return {
    slow: { baseline: sumSlowness(baseline, medianNs), candidate: sumSlowness(candidate, medianNs) },
    requests: { baseline: baseline.length, candidate: candidate.length }
  }
}

function sumSlowness(latenciesNs: Float64Array, medianNs: number): number {
  const limitNs = SLOW_FROM * medianNs
  let sum = 0
  for (const latencyNs of latenciesNs) {
    if (latencyNs > limitNs) sum += Math.min(1, Math.log(latencyNs / limitNs) / Math.log(SLOW_TO / SLOW_FROM))
  }
  return sum
}

/** Median of two ascending arrays together, by merging their lower halves. */
function jointMedian(left: Float64Array, right: Float64Array): number {
  const middle = (left.length + right.length - 1) / 2
  let fromLeft = 0
  let lower = Number.NaN
  let upper = Number.NaN
  for (let rank = 0; rank <= Math.ceil(middle); rank += 1) {
    const nextLeft = left[fromLeft] ?? Number.POSITIVE_INFINITY
    const nextRight = right[rank - fromLeft] ?? Number.POSITIVE_INFINITY
    lower = upper
    upper = Math.min(nextLeft, nextRight)
    if (nextLeft <= nextRight) fromLeft += 1
  }
  return Number.isInteger(middle) ? upper : (lower + upper) / 2
}
