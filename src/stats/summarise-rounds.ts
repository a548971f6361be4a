import type { Block } from '#contracts/measurements.ts'
import type { Metric } from '#contracts/metric.ts'
import { MIN_WINDOWS, P95_WINDOW_REQUESTS, P99_WINDOW_REQUESTS, THROUGHPUT_WINDOW_REQUESTS } from './judge-settings.ts'
import { slopeOf } from './measure-drift.ts'
import { pairRequests } from './pair-requests.ts'
import { type PairedSample, type PerSide, pairQuads, poolQuads, type Quad } from './paired-sample.ts'
import { median, quantileOfSorted } from './quantile.ts'
import { robustCentre } from './robust-centre.ts'
import { compareSlowness } from './slow-share.ts'
import { cutWindows, joinQuads, type Window } from './windows.ts'

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
  const windows = sortWindows(cutWindows(sample.quads, P95_WINDOW_REQUESTS))
  return {
    launch,
    wallNs,
    requests,
    errors,
    quads: sample.quads.length,
    unpairedQuads: sample.unpairedQuads,
    pairedRequests: Math.min(sample.requests.baseline, sample.requests.candidate),
    slope: measureSlope(sample.quads),
    effects: compareSample(sample, windows)
  }
}

/** Over windows of whole quads: only they stand in time order. */
function measureSlope(quads: readonly Quad[]): number | null {
  const windows = sortWindows(joinQuads(quads, P95_WINDOW_REQUESTS))
  return slopeOf(windows.map((window) => compareMedians(window).slowdown))
}

function compareSample({ quads }: PairedSample, windows: readonly Window[]): RoundStatistics['effects'] {
  const tailWindows = sortWindows(cutWindows(quads, P99_WINDOW_REQUESTS))
  return {
    p50: comparePairs(quads, windows),
    throughput: compareMeans(quads),
    p95: medianEffect(windows.map((window) => compareQuantile(window, 0.95))),
    p99: medianEffect(tailWindows.map((window) => compareQuantile(window, 0.99))),
    slow_share: tailWindows.length === 0 ? null : compareSlowShares(windows)
  }
}

/**
 * Robust centre of the ratios of neighbouring requests. A machine that flips between a fast and a slow state makes the
 * median of a round jump, and the medians of neighbouring blocks differ while it flips; of single pairs the most met the
 * same state, and the others lie far out. docs/statistics.md "p50 from pairs of requests" has the figures.
 */
function comparePairs(quads: readonly Quad[], windows: readonly Window[]): RoundEffect | null {
  const levels = medianEffect((windows.length > 0 ? windows : sortWindows(quads.map(poolSides))).map(compareMedians))
  return levels === null ? null : usable({ ...levels, slowdown: robustCentre(pairRequests(quads)) })
}

/** @param window ascending */
function compareMedians(window: Window): RoundEffect {
  return compareQuantile(window, 0.5)
}

/**
 * Median over short windows of the ratio of mean latencies; over single quads where windows cannot be filled. At one
 * request at a time, throughput is 1 / mean latency.
 */
function compareMeans(quads: readonly Quad[]): RoundEffect | null {
  const windows = cutWindows(quads, THROUGHPUT_WINDOW_REQUESTS)
  const stretches = windows.length > 0 || quads.length < MIN_WINDOWS ? windows : quads.map(poolSides)
  return medianEffect(stretches.map(({ baseline, candidate }) => effectOf(mean(baseline), mean(candidate))))
}

/** @param window ascending */
function compareQuantile({ baseline, candidate }: Window, probability: number): RoundEffect {
  return effectOf(quantileOfSorted(baseline, probability), quantileOfSorted(candidate, probability))
}

/** Median over windows of ratios and levels: in a short window both sides met the same machine. Null without windows. */
function medianEffect(windows: readonly RoundEffect[]): RoundEffect | null {
  if (windows.length === 0) return null
  return usable({
    slowdown: median(windows.map(({ slowdown }) => slowdown)),
    baseline: median(windows.map(({ baseline }) => baseline)),
    candidate: median(windows.map(({ candidate }) => candidate))
  })
}

function compareSlowShares(windows: readonly Window[]): RoundEffect {
  const { baseline, candidate } = compareSlowness(windows)
  return { slowdown: candidate - baseline, baseline, candidate }
}

function sortWindows(windows: readonly Window[]): Window[] {
  for (const { baseline, candidate } of windows) {
    baseline.sort()
    candidate.sort()
  }
  return [...windows]
}

/** Difference of logarithms, not logarithm of the quotient: the quotient of extreme latencies overflows. */
function effectOf(baseline: number, candidate: number): RoundEffect {
  return { slowdown: Math.log(candidate) - Math.log(baseline), baseline, candidate }
}

function poolSides(quad: Quad): Window {
  return { baseline: poolQuads([quad], 'baseline'), candidate: poolQuads([quad], 'candidate') }
}

function mean(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** Latencies at the ends of the number range can overflow a sum; such a round says nothing about the metric. */
function usable(effect: RoundEffect): RoundEffect | null {
  return Number.isFinite(effect.slowdown) ? effect : null
}
