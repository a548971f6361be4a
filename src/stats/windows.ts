import { MIN_WINDOWS } from './judge-settings.ts'
import { countRequests, type PerSide, poolQuads, type Quad } from './paired-sample.ts'

/** Latencies of both sides from one short stretch of time. */
export type Window = PerSide<Float64Array>

/**
 * Cuts a launch into windows with at least `minRequests` of each side. Short quads are put together; a quad with enough
 * requests for several windows is cut by position in its blocks, so that the n-th request after a change of sides meets
 * only n-th requests: the first ones of a block are slower. Requests are never deleted: what is left over at the end
 * joins the last window.
 *
 * @returns no windows at all when they cannot be filled twice (docs/statistics.md "Per round and metric")
 */
export function cutWindows(quads: readonly Quad[], minRequests: number): Window[] {
  return joinPieces(quads, minRequests, (quad) => sliceQuad(quad, minRequests))
}

/**
 * The same with every quad left whole, so that windows stand in time order: pieces cut by position do not. In them an effect
 * that belongs to the place in a block would look like one that belongs to the time in the round.
 */
export function joinQuads(quads: readonly Quad[], minRequests: number): Window[] {
  return joinPieces(quads, minRequests, (quad) => [quad])
}

function joinPieces(quads: readonly Quad[], minRequests: number, cut: (quad: Quad) => readonly Quad[]): Window[] {
  const windows: Quad[][] = []
  let pending: Quad[] = []
  for (const quad of quads) {
    const pieces = pending.length === 0 ? cut(quad) : [quad]
    for (const piece of pieces) {
      pending.push(piece)
      if (fewestRequests(pending) < minRequests) continue
      windows.push(pending)
      pending = []
    }
  }
  if (windows.length < MIN_WINDOWS) return []
  windows.at(-1)?.push(...pending)
  return windows.map((pieces) => ({
    baseline: poolQuads(pieces, 'baseline'),
    candidate: poolQuads(pieces, 'candidate')
  }))
}

/** The quad as it is, or cut into stretches of equal positions that each hold enough requests of both sides. */
function sliceQuad(quad: Quad, minRequests: number): readonly Quad[] {
  const shortest = Math.min(shortestBlock(quad.baseline), shortestBlock(quad.candidate))
  const positions = Math.ceil(minRequests / Math.min(quad.baseline.length, quad.candidate.length))
  const count = Math.floor(shortest / positions)
  if (count < 2) return [quad]
  return Array.from({ length: count }, (_, index) => {
    const end = index === count - 1 ? undefined : (index + 1) * positions
    const cut = (block: readonly number[]) => block.slice(index * positions, end)
    return { baseline: quad.baseline.map(cut), candidate: quad.candidate.map(cut) }
  })
}

function shortestBlock(blocks: readonly (readonly number[])[]): number {
  return blocks.reduce((least, { length }) => Math.min(least, length), Number.POSITIVE_INFINITY)
}

function fewestRequests(pieces: readonly Quad[]): number {
  return Math.min(countRequests(pieces, 'baseline'), countRequests(pieces, 'candidate'))
}
