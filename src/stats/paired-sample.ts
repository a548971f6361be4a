import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'

/** A number for each side. */
export type PerSide<T> = Readonly<Record<Side, T>>

/** Latencies of the blocks of each side, in time order. Neither side is without a block, no block without a latency. */
export type Quad = PerSide<readonly (readonly number[])[]>

/**
 * What one launch measured, with only the quads that hold successful requests of both sides: a quad of one side has
 * nothing from the same moment to stand against.
 */
export interface PairedSample {
  readonly quads: readonly Quad[]
  readonly unpairedQuads: number
  /** Successful requests in the quads. */
  readonly requests: PerSide<number>
}

/** Pairs the sides of one launch quad by quad. Blocks stand in time order; the numbers of the quads may be any. */
export function pairQuads(blocks: readonly Block[]): PairedSample {
  const byQuad = new Map<number, PerSide<(readonly number[])[]>>()
  for (const block of blocks) {
    if (block.latenciesNs.length === 0) continue
    const quad = byQuad.get(block.quad) ?? { baseline: [], candidate: [] }
    quad[block.side].push(block.latenciesNs)
    byQuad.set(block.quad, quad)
  }
  const quads = [...byQuad.values()].filter((quad) => quad.baseline.length > 0 && quad.candidate.length > 0)
  return {
    quads,
    unpairedQuads: byQuad.size - quads.length,
    requests: { baseline: countRequests(quads, 'baseline'), candidate: countRequests(quads, 'candidate') }
  }
}

/** All latencies of one side together. */
export function poolQuads(quads: readonly Quad[], side: Side): Float64Array {
  const pooled = new Float64Array(countRequests(quads, side))
  let filled = 0
  for (const quad of quads) {
    for (const block of quad[side]) {
      for (const latencyNs of block) {
        pooled[filled] = latencyNs
        filled += 1
      }
    }
  }
  return pooled
}

/** Successful requests of one side. */
export function countRequests(quads: readonly Quad[], side: Side): number {
  let count = 0
  for (const quad of quads) for (const block of quad[side]) count += block.length
  return count
}
