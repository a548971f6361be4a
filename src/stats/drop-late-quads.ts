import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { isTooLate } from '#src/load-curve/late-rule.ts'
import { MIN_LATE_REQUESTS } from './judge-settings.ts'

export interface PunctualBlocks {
  readonly blocks: readonly Block[]
  /** Of the quads that are left out, both sides together. */
  readonly lateBlocks: readonly Block[]
  readonly lateQuads: number
}

/**
 * Leaves out the quads in which the harness took more than 1 % of the requests of a side late although an instance was free:
 * what those waited was not the side's doing. docs/statistics.md "Open loop".
 *
 * @param blocks of one launch
 */
export function dropLateQuads(blocks: readonly Block[]): PunctualBlocks {
  if (blocks.every(({ load }) => load === undefined || load.late === 0)) return { blocks, lateBlocks: [], lateQuads: 0 }
  const quads = [...Map.groupBy(blocks, ({ quad }) => quad).values()]
  const late = quads.filter((quad) => SIDES.some((side) => isLate(quad, side)))
  const punctual = quads.filter((quad) => !late.includes(quad))
  return { blocks: punctual.flat(), lateBlocks: late.flat(), lateQuads: late.length }
}

/** The blocks of each launch, without those that are left out. */
export function splitLaunches(blocks: readonly Block[]): PunctualBlocks[] {
  return [...Map.groupBy(blocks, ({ launch }) => launch).values()].map(dropLateQuads)
}

/** The blocks of each launch that are not left out. */
export function punctualLaunches(blocks: readonly Block[]): (readonly Block[])[] {
  return splitLaunches(blocks).map((launch) => launch.blocks)
}

export interface RequestCounts {
  readonly answered: number
  readonly failed: number
}

/**
 * What became of the requests of one side in one launch. In late quads only those that the side itself failed count as
 * failed: one that waited for too long may have done so for the harness, but a harness that is late breaks no request.
 */
export function countRequests({ blocks, lateBlocks }: PunctualBlocks, side: Side): RequestCounts {
  let answered = 0
  let failed = 0
  for (const block of blocks) {
    if (block.side !== side) continue
    answered += block.latenciesNs.length
    failed += block.errors
  }
  for (const { side: ofSide, latenciesNs, errors, load } of lateBlocks) {
    if (ofSide !== side) continue
    answered += latenciesNs.length
    failed += errors - (load?.timedOut ?? 0) - (load?.dropped ?? 0)
  }
  return { answered, failed }
}

function isLate(quad: readonly Block[], side: Side): boolean {
  let late = 0
  let arrivals = 0
  for (const block of quad) {
    if (block.side !== side || block.load === undefined) continue
    late += block.load.late
    arrivals += block.load.arrivals
  }
  return late >= MIN_LATE_REQUESTS && isTooLate({ late, arrivals })
}
