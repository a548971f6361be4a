import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { isTooLate } from '#src/load-curve/late-rule.ts'
import { MIN_LATE_REQUESTS } from './judge-settings.ts'

export interface PunctualBlocks {
  readonly blocks: readonly Block[]
  /** Quads left out, both sides together. */
  readonly lateQuads: number
}

/**
 * Leaves out the quads in which the harness took more than 1 % of the requests of a side late although an instance was free:
 * what those waited was not the side's doing. docs/statistics.md "Open loop".
 *
 * @param blocks of one launch
 */
export function dropLateQuads(blocks: readonly Block[]): PunctualBlocks {
  if (blocks.every(({ load }) => load === undefined || load.late === 0)) return { blocks, lateQuads: 0 }
  const quads = [...Map.groupBy(blocks, ({ quad }) => quad).values()]
  const punctual = quads.filter((quad) => !SIDES.some((side) => isLate(quad, side)))
  return { blocks: punctual.flat(), lateQuads: quads.length - punctual.length }
}

/** The blocks of each launch that are not left out. */
export function punctualLaunches(blocks: readonly Block[]): (readonly Block[])[] {
  return [...Map.groupBy(blocks, ({ launch }) => launch).values()].map((ofLaunch) => dropLateQuads(ofLaunch).blocks)
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
