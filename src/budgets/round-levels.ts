import type { BudgetName } from '#contracts/budgets.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { Block, MeasuredCase, SeriesName } from '#contracts/measurements.ts'
import { NS_PER_S } from '#contracts/units.ts'
import { countGoodRequests, timePerToken } from '#stats/compare-generate.ts'
import { countRequests, punctualLaunches, splitLaunches } from '#stats/drop-late-quads.ts'
import { quantileOfSorted } from '#stats/quantile.ts'
import { findRateOf, rampSteps } from '#stats/ramp-points.ts'
import { segmentSpanNs } from '#stats/segment-span.ts'
import type { ShareCount } from './level-bounds.ts'

/** Peak resident memory of each round, in bytes, where the worker recorded it; empty otherwise. */
export type PeakBytes = Readonly<Record<Side, readonly number[]>>

/** One side of a case whose budgets are judged. */
export interface LevelSource {
  readonly measured: MeasuredCase
  readonly side: Side
  readonly peakBytes: PeakBytes
}

/** Budgets on a level of each round; the others are on shares of requests. */
type LevelName = Exclude<BudgetName, 'errorRate' | 'minGoodput' | 'memoryPeakMb'>

/** Fewest requests of a round whose quantile is told: one of them must lie beyond it. */
const MIN_REQUESTS = { p50Ms: 1, p95Ms: 20, p99Ms: 100 } as const
const PROBABILITY = { p50Ms: 0.5, p95Ms: 0.95, p99Ms: 0.99 } as const

/**
 * The level of one side in each round, in the unit that the budget is judged in. Rounds that cannot tell it are left out.
 * Unlike the effects of a round these are plain quantiles of all its requests: a limit is about what users meet.
 */
export function roundLevels(name: LevelName | 'memoryPeakMb', source: LevelSource): number[] {
  const { measured, side, peakBytes } = source
  if (name === 'memoryPeakMb')
    return peakBytes[side].length > 0 ? [...peakBytes[side]] : peaksOfReadings(measured, side)
  const levels = punctualLaunches(measured.blocks).map((blocks) => levelOf(name, blocks, source))
  return levels.filter((level) => level !== null && Number.isFinite(level) && level >= 0).map(Number)
}

/** The requests of each round that failed, or that were good. No rounds without an objective to be good by. */
export function countShares(name: 'errorRate' | 'minGoodput', measured: MeasuredCase, side: Side): ShareCount[] {
  const { goodput } = measured
  if (name === 'minGoodput' && goodput === undefined) return []
  return splitLaunches(measured.blocks).map((launch) => {
    if (name === 'minGoodput' && goodput !== undefined) {
      const { good, sent } = countGoodRequests(launch.blocks, side, goodput)
      return { events: good, sent }
    }
    const { answered, failed } = countRequests(launch, side)
    return { events: failed, sent: answered + failed }
  })
}

function levelOf(name: LevelName, blocks: readonly Block[], { measured, side }: LevelSource): number | null {
  const ofSide = blocks.filter((block) => block.side === side)
  switch (name) {
    case 'p50Ms':
    case 'p95Ms':
    case 'p99Ms':
      // A ramp has no latency of its own: each rate has another.
      return measured.scenario === 'ramp'
        ? null
        : quantile(takeLatencies(ofSide), PROBABILITY[name], MIN_REQUESTS[name])
    case 'readyMs':
      return measured.scenario === 'cold_start' ? quantile(takeLatencies(ofSide), 0.5, 1) : null
    case 'ttftMs':
      return quantile(takeSeries(ofSide, 'ttftNs'), 0.5, 1)
    case 'itlMs':
      return quantile(takeSeries(ofSide, 'itlNs'), 0.5, 1)
    case 'minThroughputPerS':
      return throughputOf(ofSide)
    case 'minTokensPerS':
      return tokensPerS(ofSide, side)
    case 'minSustainedRatePerS':
      return sustainedRateOf(ofSide, measured, side)
    default:
      return name satisfies never
  }
}

function takeLatencies(blocks: readonly Block[]): number[] {
  return blocks.flatMap(({ latenciesNs }) => latenciesNs)
}

function takeSeries(blocks: readonly Block[], name: SeriesName): number[] {
  return blocks.flatMap(({ series }) => series?.[name] ?? [])
}

function quantile(values: readonly number[], probability: number, minValues: number): number | null {
  if (values.length < minValues) return null
  return quantileOfSorted(Float64Array.from(values).sort(), probability)
}

/** Answers per second of the load, or of request time where one request follows the other. */
function throughputOf(blocks: readonly Block[]): number | null {
  let answered = 0
  let spanNs = 0
  for (const { latenciesNs, load } of blocks) {
    answered += latenciesNs.length
    spanNs += load === undefined ? latenciesNs.reduce((sum, latencyNs) => sum + latencyNs, 0) : segmentSpanNs(load)
  }
  return spanNs === 0 ? null : (NS_PER_S * answered) / spanNs
}

function tokensPerS(blocks: readonly Block[], side: Side): number | null {
  const perTokenNs = timePerToken(blocks, side)
  return perTokenNs === null ? null : NS_PER_S / perTokenNs
}

/** A round that keeps the objective at no rate sustains less than the lowest: that counts as half of it. */
const BELOW_LOWEST = 0.5

function sustainedRateOf(blocks: readonly Block[], { slo }: MeasuredCase, side: Side): number | null {
  if (slo === undefined) return null
  const rate = findRateOf(rampSteps(blocks, side), slo)
  if (rate.kind === 'unknown') return null
  return rate.kind === 'below' ? BELOW_LOWEST * rate.ratePerS : rate.ratePerS
}

/** A soak reads memory as it goes. */
function peaksOfReadings(measured: MeasuredCase, side: Side): number[] {
  const rounds = [...Map.groupBy(measured.blocks, ({ launch }) => launch).values()]
  return rounds.flatMap((blocks) => {
    const readings = takeSeries(
      blocks.filter((block) => block.side === side),
      'rssBytes'
    )
    return readings.length === 0 ? [] : [readings.reduce((most, bytes) => Math.max(most, bytes), 0)]
  })
}
