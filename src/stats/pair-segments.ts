import type { Block } from '#contracts/measurements.ts'
import type { PerSide } from './paired-sample.ts'

/** Two segments with the same schedule of arrivals. */
export type SegmentPair = PerSide<Block>

/**
 * The first block of each side in a quad with each other, and the second: they were offered the same requests at the same
 * moments. Pairs in which a side answered nothing are left out.
 */
export function pairSegments(blocks: readonly Block[]): SegmentPair[] {
  return [...Map.groupBy(blocks, ({ quad }) => quad).values()].flatMap((quad) => {
    const candidates = quad.filter(({ side }) => side === 'candidate')
    return quad
      .filter(({ side }) => side === 'baseline')
      .flatMap((baseline, place) => {
        const candidate = candidates[place]
        const isUsable = candidate !== undefined && baseline.latenciesNs.length > 0 && candidate.latenciesNs.length > 0
        return isUsable ? [{ baseline, candidate }] : []
      })
  })
}

/** Whether the n-th answer of one side belongs to the same arrival as that of the other. Failed requests leave no place. */
export function isAligned({ baseline, candidate }: SegmentPair): boolean {
  return baseline.errors === 0 && candidate.errors === 0 && baseline.latenciesNs.length === candidate.latenciesNs.length
}
