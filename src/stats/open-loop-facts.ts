import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { NS_PER_S } from '#contracts/units.ts'
import { isSustained } from '#src/load-curve/sustained-rate.ts'
import { punctualLaunches } from './drop-late-quads.ts'
import { median } from './quantile.ts'
import { type Quantiles, quantilesOf } from './quantiles.ts'
import { segmentSpanNs } from './segment-span.ts'

/** One side under an open load, pooled over all its segments. */
export interface OpenLoopFacts {
  /** Null where the blocks do not say. */
  readonly offeredPerS: number | null
  /** Answers per second, from the first intended arrival of each segment until its last answer. */
  readonly achievedPerS: number | null
  /** Whether answers kept up with arrivals; true where the blocks do not say. */
  readonly keepsUp: boolean
  readonly arrivals: number
  readonly answered: number
  readonly dropped: number
  readonly timedOut: number
  /** Failed, dropped, timed out or cut off. */
  readonly failed: number
  /** Share of the arrivals that the harness itself sent late; null without arrivals. */
  readonly lateShare: number | null
  /** Since the intended arrival. These quantiles leave out the quads in which the harness was late. */
  readonly latency: Quantiles | null
  /** Null where it was not recorded. */
  readonly queue: Quantiles | null
  readonly service: Quantiles | null
}

export function collectOpenLoop(blocks: readonly Block[], side: Side): OpenLoopFacts {
  const ofSide = blocks.filter((block) => block.side === side)
  const punctual = punctualLaunches(blocks)
    .flat()
    .filter((block) => block.side === side)
  const loads = ofSide.flatMap(({ load, latenciesNs }) =>
    load === undefined ? [] : [{ ...load, answered: latenciesNs.length }]
  )
  const total = (of: (load: (typeof loads)[number]) => number) => loads.reduce((sum, load) => sum + of(load), 0)
  const spanNs = total(segmentSpanNs)
  const arrivals = total((load) => load.arrivals)
  return {
    offeredPerS: loads.length === 0 ? null : total(({ offeredPerS }) => offeredPerS) / loads.length,
    achievedPerS: spanNs === 0 ? null : (NS_PER_S * total(({ answered }) => answered)) / spanNs,
    keepsUp: loads.length === 0 || keepsUp(ofSide),
    arrivals,
    answered: ofSide.reduce((sum, { latenciesNs }) => sum + latenciesNs.length, 0),
    dropped: total(({ dropped }) => dropped),
    timedOut: total(({ timedOut }) => timedOut),
    failed: ofSide.reduce((sum, { errors }) => sum + errors, 0),
    lateShare: arrivals === 0 ? null : total(({ late }) => late) / arrivals,
    latency: quantilesOf(punctual.flatMap(({ latenciesNs }) => latenciesNs)),
    queue: quantilesOf(punctual.flatMap(({ series }) => series?.queueNs ?? [])),
    service: quantilesOf(punctual.flatMap(({ series }) => series?.serviceNs ?? []))
  }
}

/** All segments together, as if they were one. */
export function keepsUp(blocks: readonly Block[]): boolean {
  const sum = (of: (block: Block) => number) => blocks.reduce((total, block) => total + of(block), 0)
  const arrivals = sum(({ load }) => load?.arrivals ?? 0)
  const offeredS = sum(({ load }) => (load === undefined ? 0 : load.arrivals / load.offeredPerS))
  return isSustained({
    offeredPerS: arrivals / offeredS,
    arrivals,
    errors: sum(({ load, errors }) => (load === undefined ? 0 : errors)),
    lastNs: sum(({ load }) => load?.lastNs ?? 0),
    medianServiceNs: sum(({ series }) => (series?.serviceNs?.length ? median(series.serviceNs) : 0))
  })
}
