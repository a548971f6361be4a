import type { Side } from '#contracts/identifiers.ts'
import type { Block, GoodputObjective, SeriesName } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { comparePairs, compareQuantile, sortWindows } from './compare-windows.ts'
import { P95_WINDOW_REQUESTS } from './judge-settings.ts'
import { type PerSide, pairQuads } from './paired-sample.ts'
import { differenceEffect, medianEffect, type RoundEffect, type RoundEffects, ratioEffect } from './round-effect.ts'
import { cutWindows } from './windows.ts'

/** One token after the other. docs/statistics.md "Generating". */
export function compareGenerate(
  blocks: readonly Block[],
  objective: GoodputObjective | undefined
): Pick<RoundEffects, 'ttft' | 'itl' | 'itl_p95' | 'tokens_per_s' | 'goodput'> {
  const gaps = pairQuads(takeSeries(blocks, 'itlNs')).quads
  const windows = sortWindows(cutWindows(gaps, P95_WINDOW_REQUESTS))
  return {
    ttft: comparePairs(pairQuads(takeSeries(blocks, 'ttftNs')).quads, []),
    itl: comparePairs(gaps, windows),
    itl_p95: medianEffect(windows.map((window) => compareQuantile(window, 0.95))),
    tokens_per_s: compareTokenRates(blocks),
    goodput: objective === undefined ? null : compareGoodput(blocks, objective)
  }
}

/** The blocks with one of their series in place of the latencies. */
function takeSeries(blocks: readonly Block[], name: SeriesName): Block[] {
  return blocks.map((block) => ({ ...block, latenciesNs: block.series?.[name] ?? [] }))
}

/** Median over quads of the ratio of time per token, the first tokens included. */
function compareTokenRates(blocks: readonly Block[]): RoundEffect | null {
  const quads = [...Map.groupBy(blocks, ({ quad }) => quad).values()]
  const effects = quads.flatMap((quad) => {
    const [baseline, candidate] = [timePerToken(quad, 'baseline'), timePerToken(quad, 'candidate')]
    return baseline === null || candidate === null ? [] : [ratioEffect(baseline, candidate)]
  })
  return medianEffect(effects)
}

/** Nanoseconds; null where no gaps were recorded. */
export function timePerToken(blocks: readonly Block[], side: Side): number | null {
  let timeNs = 0
  let gaps = 0
  let requests = 0
  for (const block of blocks) {
    if (block.side !== side) continue
    for (const latencyNs of block.latenciesNs) timeNs += latencyNs
    requests += block.latenciesNs.length
    gaps += block.series?.itlNs?.length ?? 0
  }
  return gaps === 0 ? null : timeNs / (requests + gaps)
}

function compareGoodput(blocks: readonly Block[], objective: GoodputObjective): RoundEffect | null {
  const { baseline, candidate } = goodShares(blocks, objective)
  return baseline === null || candidate === null ? null : differenceEffect(1 - baseline, 1 - candidate)
}

export interface GoodCount {
  readonly good: number
  /** Failed ones included. */
  readonly sent: number
}

/** Requests of one side whose first token and mean gap keep their limits; those that failed keep none. */
export function countGoodRequests(blocks: readonly Block[], side: Side, objective: GoodputObjective): GoodCount {
  let good = 0
  let sent = 0
  for (const block of blocks) {
    if (block.side !== side) continue
    good += countGood(block, objective)
    sent += block.latenciesNs.length + block.errors
  }
  return { good, sent }
}

/** @returns null for a side without requests */
export function goodShares(blocks: readonly Block[], objective: GoodputObjective): PerSide<number | null> {
  const shareOf = (side: Side) => {
    const { good, sent } = countGoodRequests(blocks, side, objective)
    return sent === 0 ? null : good / sent
  }
  return { baseline: shareOf('baseline'), candidate: shareOf('candidate') }
}

function countGood({ latenciesNs, series }: Block, { ttftMs, itlMs }: GoodputObjective): number {
  const gapsNs = series?.itlNs ?? []
  const gapsPerRequest = gapsNs.length / latenciesNs.length
  return latenciesNs.filter((_, request) => {
    const ttftNs = series?.ttftNs?.[request] ?? Number.POSITIVE_INFINITY
    const own = gapsNs.slice(request * gapsPerRequest, (request + 1) * gapsPerRequest)
    const meanNs = own.reduce((sum, gapNs) => sum + gapNs, 0) / own.length
    return ttftNs <= ttftMs * NS_PER_MS && meanNs <= itlMs * NS_PER_MS
  }).length
}
