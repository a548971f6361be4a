import type { Block } from '#contracts/measurements.ts'
import { MIN_WINDOWS, OPEN_LOOP_WINDOW_REQUESTS, P99_WINDOW_REQUESTS } from './judge-settings.ts'
import { isAligned, type SegmentPair } from './pair-segments.ts'
import type { PerSide } from './paired-sample.ts'
import { quantileOfSorted } from './quantile.ts'
import { robustCentre } from './robust-centre.ts'
import { medianEffect, type RoundEffect, type RoundEffects, ratioEffect, usable } from './round-effect.ts'
import { segmentSpanNs } from './segment-span.ts'

type Values = PerSide<readonly number[]>

/** Requests that come when they come. docs/statistics.md "Open loop". */
export function compareOpenLoop(
  pairs: readonly SegmentPair[]
): Pick<RoundEffects, 'p50' | 'throughput' | 'p95' | 'p99' | 'service_p50'> {
  const segments = pairs.map(({ baseline, candidate }) => ({
    baseline: baseline.latenciesNs,
    candidate: candidate.latenciesNs
  }))
  return {
    p50: compareTypical(pairs, segments),
    throughput: medianEffect(
      pairs.map(({ baseline, candidate }) => ratioEffect(perAnswer(baseline), perAnswer(candidate)))
    ),
    p95: compareStretches(pairs),
    p99: compareSegments(segments, 0.99, P99_WINDOW_REQUESTS),
    service_p50: compareService(pairs)
  }
}

/** The middle of all latencies since the intended arrival, from pairs that were offered the same requests. */
export function compareTypicalLatency(pairs: readonly SegmentPair[]): RoundEffect | null {
  return compareOpenLoop(pairs).p50
}

/**
 * Robust centre of the ratios of the two answers to the same arrival, as in a closed loop; where requests failed, answers
 * cannot be told apart, and the medians of the segments stand in.
 */
function compareTypical(pairs: readonly SegmentPair[], values: readonly Values[]): RoundEffect | null {
  const levels = medianEffect(values.map((pair) => quantileEffect(pair, 0.5)))
  if (levels === null || !pairs.every(isAligned)) return levels
  const ratios = values.flatMap(({ baseline, candidate }) =>
    baseline.map((latencyNs, arrival) => Math.log(candidate[arrival] ?? Number.NaN) - Math.log(latencyNs))
  )
  return usable({ ...levels, slowdown: robustCentre(Float64Array.from(ratios)) })
}

/** Median over short stretches of the same arrivals: luck of arrivals moves a whole queue, and both sides alike. */
function compareStretches(pairs: readonly SegmentPair[]): RoundEffect | null {
  const stretches = pairs.flatMap((pair) => (isAligned(pair) ? cutPair(pair) : [takeAll(pair)]))
  const filled = stretches.filter(
    ({ baseline, candidate }) => shortest(baseline, candidate) >= OPEN_LOOP_WINDOW_REQUESTS
  )
  return filled.length < MIN_WINDOWS ? null : medianEffect(filled.map((stretch) => quantileEffect(stretch, 0.95)))
}

/** Whole segments: what happens once in a while is in most of them, but in few short stretches. */
function compareSegments(values: readonly Values[], probability: number, minRequests: number): RoundEffect | null {
  const filled = values.filter(({ baseline, candidate }) => shortest(baseline, candidate) >= minRequests)
  return filled.length < MIN_WINDOWS ? null : medianEffect(filled.map((pair) => quantileEffect(pair, probability)))
}

function compareService(pairs: readonly SegmentPair[]): RoundEffect | null {
  const values = pairs.map(({ baseline, candidate }) => ({
    baseline: baseline.series?.serviceNs ?? [],
    candidate: candidate.series?.serviceNs ?? []
  }))
  const isRecorded = values.every(({ baseline, candidate }) => shortest(baseline, candidate) > 0)
  return isRecorded ? compareTypical(pairs, values) : null
}

function cutPair({ baseline, candidate }: SegmentPair): Values[] {
  const count = Math.max(1, Math.floor(baseline.latenciesNs.length / OPEN_LOOP_WINDOW_REQUESTS))
  return Array.from({ length: count }, (_, index) => {
    const from = index * OPEN_LOOP_WINDOW_REQUESTS
    const to = index === count - 1 ? undefined : from + OPEN_LOOP_WINDOW_REQUESTS
    return { baseline: baseline.latenciesNs.slice(from, to), candidate: candidate.latenciesNs.slice(from, to) }
  })
}

function takeAll({ baseline, candidate }: SegmentPair): Values {
  return { baseline: baseline.latenciesNs, candidate: candidate.latenciesNs }
}

function shortest(baseline: readonly number[], candidate: readonly number[]): number {
  return Math.min(baseline.length, candidate.length)
}

function quantileEffect({ baseline, candidate }: Values, probability: number): RoundEffect {
  const quantile = (values: readonly number[]) => quantileOfSorted(Float64Array.from(values).sort(), probability)
  return ratioEffect(quantile(baseline), quantile(candidate))
}

/** Time for each answer: the inverse of the throughput. */
function perAnswer({ load, wallNs, latenciesNs }: Block): number {
  return (load === undefined ? wallNs : segmentSpanNs(load)) / latenciesNs.length
}
