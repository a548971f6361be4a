import { SIDES } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import type { Metric } from '#contracts/metric.ts'
import { P50_WINDOW_REQUESTS, P95_WINDOW_REQUESTS, P99_WINDOW_REQUESTS, SLOW_FACTOR } from './judge-settings.ts'
import { slopeOf } from './measure-drift.ts'
import {
  type PairedSample,
  type PerSide,
  pairQuads,
  type SideSample,
  splitIntoWindows,
  type Window
} from './paired-sample.ts'
import { median, quantileOfSorted } from './quantile.ts'

/** How the sides of one round differ in one metric. */
export interface RoundEffect {
  /**
   * More than zero when the candidate is slower: ln(candidate / baseline) of latencies (for throughput, of mean latencies),
   * candidate − baseline for slow share.
   */
  readonly slowdown: number
  /** Level of each side: nanoseconds, or a share for `slow_share`. */
  readonly baseline: number
  readonly candidate: number
}

/** What one launch says, small enough to keep between looks. A pure function of its blocks. */
export interface RoundStatistics {
  readonly launch: number
  /** Measuring time of both sides together, without restart and warm-up. */
  readonly wallNs: number
  /** Successful requests. */
  readonly requests: PerSide<number>
  /** Failed requests. */
  readonly errors: PerSide<number>
  readonly quads: number
  /** Quads left out because one side has no successful request in them. */
  readonly unpairedQuads: number
  /** Successful requests in paired quads, of the side that has fewer. Zero: the round is dropped. */
  readonly pairedRequests: number
  /** How far the p50 log ratio moves from the start of the round to its end; null where there are too few windows. */
  readonly slope: number | null
  /** Null where the round has too few requests for the metric. */
  readonly effects: Readonly<Record<Metric, RoundEffect | null>>
}

/** The statistics of every launch in the blocks, in order of first appearance. docs/statistics.md "Per round and metric". */
export function summariseRounds(blocks: readonly Block[]): RoundStatistics[] {
  const byLaunch = new Map<number, Block[]>()
  for (const block of blocks) {
    const launch = byLaunch.get(block.launch)
    if (launch === undefined) byLaunch.set(block.launch, [block])
    else launch.push(block)
  }
  return [...byLaunch].map(([launch, blocksOfLaunch]) => summariseRound(launch, blocksOfLaunch))
}

function summariseRound(launch: number, blocks: readonly Block[]): RoundStatistics {
  const sample = pairQuads(blocks)
  const requests = { baseline: 0, candidate: 0 }
  const errors = { baseline: 0, candidate: 0 }
  let wallNs = 0
  for (const block of blocks) {
    requests[block.side] += block.latenciesNs.length
    errors[block.side] += block.errors
    wallNs += block.wallNs
  }
  const medians = compareWindows(sample, P50_WINDOW_REQUESTS, 0.5)
  return {
    launch,
    wallNs,
    requests,
    errors,
    quads: sample.quads,
    unpairedQuads: sample.unpairedQuads,
    pairedRequests: Math.min(sample.baseline.latenciesNs.length, sample.candidate.latenciesNs.length),
    slope: slopeOf(medians.map(({ slowdown }) => slowdown)),
    effects: {
      p50: medianEffect(medians) ?? compareMedians(sample),
      throughput: compareMeans(sample),
      p95: medianEffect(compareWindows(sample, P95_WINDOW_REQUESTS, 0.95)),
      p99: medianEffect(compareWindows(sample, P99_WINDOW_REQUESTS, 0.99)),
      slow_share: compareSlowShares(sample, splitIntoWindows(sample, P99_WINDOW_REQUESTS))
    }
  }
}

/** For rounds too short for two windows: their medians as they are. */
function compareMedians(sample: PairedSample): RoundEffect | null {
  if (sample.quads === 0) return null
  const baseline = median(sample.baseline.latenciesNs)
  const candidate = median(sample.candidate.latenciesNs)
  return usable({ slowdown: logRatio(baseline, candidate), baseline, candidate })
}

/** Median over quads of the ratio of mean latencies. At one request at a time, throughput is 1 / mean latency. */
function compareMeans(sample: PairedSample): RoundEffect | null {
  if (sample.quads < 2) return null
  const baseline = meansOfQuads(sample.baseline)
  const candidate = meansOfQuads(sample.candidate)
  const slowdowns = baseline.map((meanNs, quad) => logRatio(meanNs, candidate[quad] ?? Number.NaN))
  return usable({ slowdown: median(slowdowns), baseline: median(baseline), candidate: median(candidate) })
}

/**
 * The sides of each short window in one quantile, in time order. In a short window both sides met the same machine: one that
 * flips between a fast and a slow state moves both medians of a window together, but makes the median of a whole round jump.
 * docs/statistics.md "p50 over windows" has the figures.
 */
function compareWindows(sample: PairedSample, minRequests: number, probability: number): RoundEffect[] {
  return splitIntoWindows(sample, minRequests).map((window) => {
    const baseline = quantileOfSorted(sortWindow(sample, window, 'baseline'), probability)
    const candidate = quantileOfSorted(sortWindow(sample, window, 'candidate'), probability)
    return { slowdown: logRatio(baseline, candidate), baseline, candidate }
  })
}

/** Median over windows of ratios and levels. Null without windows. */
function medianEffect(windows: readonly RoundEffect[]): RoundEffect | null {
  if (windows.length === 0) return null
  return usable({
    slowdown: median(windows.map(({ slowdown }) => slowdown)),
    baseline: median(windows.map(({ baseline }) => baseline)),
    candidate: median(windows.map(({ candidate }) => candidate))
  })
}

/** Share of requests slower than 1.25 × the joint median of their window: sees a slower tail that quantiles miss. */
function compareSlowShares(sample: PairedSample, windows: readonly Window[]): RoundEffect | null {
  if (windows.length === 0) return null
  const slow = { baseline: 0, candidate: 0 }
  for (const window of windows) {
    const limitNs = SLOW_FACTOR * jointMedian(sample, window)
    for (const side of SIDES) {
      const { start, end } = window[side]
      for (const latencyNs of sample[side].latenciesNs.subarray(start, end)) if (latencyNs > limitNs) slow[side] += 1
    }
  }
  const baseline = slow.baseline / sample.baseline.latenciesNs.length
  const candidate = slow.candidate / sample.candidate.latenciesNs.length
  return { slowdown: candidate - baseline, baseline, candidate }
}

function jointMedian(sample: PairedSample, window: Window): number {
  const { baseline, candidate } = window
  const split = baseline.end - baseline.start
  const joint = new Float64Array(split + candidate.end - candidate.start)
  joint.set(sample.baseline.latenciesNs.subarray(baseline.start, baseline.end))
  joint.set(sample.candidate.latenciesNs.subarray(candidate.start, candidate.end), split)
  return quantileOfSorted(joint.sort(), 0.5)
}

function sortWindow(sample: PairedSample, window: Window, side: keyof Window): Float64Array {
  return sample[side].latenciesNs.slice(window[side].start, window[side].end).sort()
}

function meansOfQuads(sample: SideSample): number[] {
  let start = 0
  return sample.quadEnds.map((end) => {
    let sumNs = 0
    for (const latencyNs of sample.latenciesNs.subarray(start, end)) sumNs += latencyNs
    const meanNs = sumNs / (end - start)
    start = end
    return meanNs
  })
}

/** Difference of logarithms, not logarithm of the quotient: the quotient of extreme latencies overflows. */
function logRatio(baseline: number, candidate: number): number {
  return Math.log(candidate) - Math.log(baseline)
}

/** Latencies at the ends of the number range can overflow a sum; such a round says nothing about the metric. */
function usable(effect: RoundEffect): RoundEffect | null {
  return Number.isFinite(effect.slowdown) ? effect : null
}
