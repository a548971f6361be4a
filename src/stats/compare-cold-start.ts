import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { median } from './quantile.ts'
import { type RoundEffects, ratioEffect, usable } from './round-effect.ts'

/** Each request is a fresh process. docs/statistics.md "Cold start". */
export function compareColdStart(blocks: readonly Block[]): Pick<RoundEffects, 'ready'> {
  const medianOf = (side: Side) => median(blocks.flatMap((block) => (block.side === side ? block.latenciesNs : [])))
  return { ready: usable(ratioEffect(medianOf('baseline'), medianOf('candidate'))) }
}
