import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { MIN_WINDOWS } from './judge-settings.ts'

/** A number for each side. */
export type PerSide<T> = Readonly<Record<Side, T>>

/** Requests of one side in one launch, in time order. Quad i ends before index `quadEnds[i]`. */
export interface SideSample {
  readonly latenciesNs: Float64Array
  readonly quadEnds: readonly number[]
}

/**
 * What one launch measured, with only the quads that hold successful requests of both sides: a quad of one side has
 * nothing from the same moment to stand against.
 */
export interface PairedSample extends PerSide<SideSample> {
  readonly quads: number
  readonly unpairedQuads: number
}

/** A stretch of neighbouring quads; bounds are indices into `latenciesNs`, the end exclusive. */
export type Window = PerSide<{ readonly start: number; readonly end: number }>

type QuadBlocks = PerSide<(readonly number[])[]>

/** Pairs the sides of one launch quad by quad. Blocks stand in time order; the numbers of the quads may be any. */
export function pairQuads(blocks: readonly Block[]): PairedSample {
  const byQuad = new Map<number, QuadBlocks>()
  for (const block of blocks) {
    if (block.latenciesNs.length === 0) continue
    const quad = byQuad.get(block.quad) ?? { baseline: [], candidate: [] }
    quad[block.side].push(block.latenciesNs)
    byQuad.set(block.quad, quad)
  }
  const paired = [...byQuad.values()].filter((quad) => quad.baseline.length > 0 && quad.candidate.length > 0)
  return {
    baseline: joinQuads(paired.map((quad) => quad.baseline)),
    candidate: joinQuads(paired.map((quad) => quad.candidate)),
    quads: paired.length,
    unpairedQuads: byQuad.size - paired.length
  }
}

/**
 * Cuts a launch into windows of whole quads with at least `minRequests` of each side. Requests are never deleted, so quads
 * left over at the end join the last window.
 *
 * @returns no windows at all when they cannot be filled twice (docs/statistics.md "Per round and metric")
 */
export function splitIntoWindows(sample: PairedSample, minRequests: number): Window[] {
  const windows: Window[] = []
  let start = { baseline: 0, candidate: 0 }
  for (let quad = 0; quad < sample.quads; quad += 1) {
    const end = { baseline: sample.baseline.quadEnds[quad] ?? 0, candidate: sample.candidate.quadEnds[quad] ?? 0 }
    if (end.baseline - start.baseline < minRequests || end.candidate - start.candidate < minRequests) continue
    windows.push(windowBetween(start, end))
    start = end
  }
  const last = windows.pop()
  if (last === undefined || windows.length + 1 < MIN_WINDOWS) return []
  const first = { baseline: last.baseline.start, candidate: last.candidate.start }
  windows.push(
    windowBetween(first, {
      baseline: sample.baseline.latenciesNs.length,
      candidate: sample.candidate.latenciesNs.length
    })
  )
  return windows
}

function windowBetween(start: PerSide<number>, end: PerSide<number>): Window {
  return {
    baseline: { start: start.baseline, end: end.baseline },
    candidate: { start: start.candidate, end: end.candidate }
  }
}

const NOTHING: SideSample = { latenciesNs: new Float64Array(0), quadEnds: [] }

function joinQuads(quads: readonly (readonly (readonly number[])[])[]): SideSample {
  if (quads.length === 0) return NOTHING
  let length = 0
  for (const quad of quads) for (const block of quad) length += block.length
  const latenciesNs = new Float64Array(length)
  const quadEnds: number[] = []
  let offset = 0
  for (const quad of quads) {
    for (const block of quad) {
      for (const latencyNs of block) {
        latenciesNs[offset] = latencyNs
        offset += 1
      }
    }
    quadEnds.push(offset)
  }
  return { latenciesNs, quadEnds }
}
