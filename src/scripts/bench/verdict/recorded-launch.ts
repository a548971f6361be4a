import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { Block, MeasuredCase } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import { quantileOfSorted } from '#stats/quantile.ts'
import { type RoundStatistics, summariseRounds } from '#stats/summarise-rounds.ts'
import { type InjectedEffect, parseEffect } from './injected-effect.ts'

/** One side of one launch: what a benchmark run of one version yields. */
export interface SideRun {
  /** Ascending. */
  readonly latenciesNs: Float64Array
  readonly meanNs: number
  readonly p50Ns: number
  /** Supervisor's clock around the blocks of this side. */
  readonly measuringMs: number
}

/** Mean latencies of two neighbouring blocks, one of each side. */
export type BlockPair = PerSide<number>

export interface RecordedLaunch extends PerSide<SideRun> {
  readonly blockPairs: readonly BlockPair[]
  /** What Tailgate's own judge keeps of the launch. */
  readonly statistics: RoundStatistics
}

export interface RecordedCase {
  readonly id: string
  readonly effect: InjectedEffect
  readonly thresholds: MeasuredCase['thresholds']
  /** In the order in which they were recorded. */
  readonly launches: readonly RecordedLaunch[]
  /** The same launches with baseline and candidate exchanged. Both are right when the code is identical. */
  readonly swappedLaunches: readonly RecordedLaunch[]
}

export interface Recording {
  readonly name: string
  readonly description: string
  readonly cases: readonly RecordedCase[]
}

/** A launch that cannot be used; says which one and why. */
export class UnusableLaunchError extends Error {
  readonly code = 'unusable_launch'
}

/**
 * Computes once what the draws then only pick from.
 *
 * @returns null when the id of the case names no effect
 * @throws UnusableLaunchError when a launch has no successful requests of both sides
 */
export function prepareCase(measured: MeasuredCase): RecordedCase | null {
  const effect = parseEffect(measured.id)
  if (effect === null) return null
  const launches = groupByLaunch(measured.blocks)
  return {
    id: measured.id,
    effect,
    thresholds: measured.thresholds,
    launches: launches.map(prepareLaunch),
    swappedLaunches: launches.map((blocks) => prepareLaunch(blocks.map(swapSide)))
  }
}

function groupByLaunch(blocks: readonly Block[]): readonly (readonly Block[])[] {
  return [...Map.groupBy(blocks, (block) => block.launch).values()]
}

function swapSide(block: Block): Block {
  return { ...block, side: block.side === 'baseline' ? 'candidate' : 'baseline' }
}

function prepareLaunch(blocks: readonly Block[]): RecordedLaunch {
  const [statistics] = summariseRounds(blocks)
  if (statistics === undefined || statistics.pairedRequests === 0) {
    throw new UnusableLaunchError(`launch ${blocks[0]?.launch} has no successful requests of both sides in one quad`)
  }
  return {
    baseline: prepareSide(blocks, 'baseline'),
    candidate: prepareSide(blocks, 'candidate'),
    blockPairs: pairBlocks(blocks),
    statistics
  }
}

function prepareSide(blocks: readonly Block[], side: Side): SideRun {
  const ofSide = blocks.filter((block) => block.side === side)
  const latenciesNs = Float64Array.from(ofSide.flatMap((block) => block.latenciesNs)).sort()
  let sumNs = 0
  for (const latencyNs of latenciesNs) sumNs += latencyNs
  return {
    latenciesNs,
    meanNs: sumNs / latenciesNs.length,
    p50Ns: quantileOfSorted(latenciesNs, 0.5),
    measuringMs: ofSide.reduce((sum, block) => sum + block.wallNs, 0) / NS_PER_MS
  }
}

/** The first block of each side in a quad, and the second: in ABBA and in BAAB these are neighbours. */
function pairBlocks(blocks: readonly Block[]): readonly BlockPair[] {
  return [...Map.groupBy(blocks, (block) => block.quad).values()].flatMap((quad) => {
    const [first, second] = SIDES.map((side) => quad.filter((block) => block.side === side).map(meanOfBlock))
    return (first ?? []).flatMap((baseline, index) => {
      const candidate = second?.[index]
      return candidate === undefined || !Number.isFinite(baseline + candidate) ? [] : [{ baseline, candidate }]
    })
  })
}

/** NaN when every request failed. */
function meanOfBlock({ latenciesNs }: Block): number {
  return latenciesNs.reduce((sum, latencyNs) => sum + latencyNs, 0) / latenciesNs.length
}
