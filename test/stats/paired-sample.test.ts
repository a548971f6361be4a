import { describe, expect, it } from 'vitest'
import { pairQuads, splitIntoWindows } from '#stats/paired-sample.ts'
import { block } from './build-measurements.ts'

function quadsOf(...sizes: readonly (readonly [baseline: number, candidate: number])[]) {
  return pairQuads(
    sizes.flatMap(([baseline, candidate], quad) => [
      block('baseline', new Array(baseline).fill(1), { quad }),
      block('candidate', new Array(candidate).fill(1), { quad })
    ])
  )
}

describe('pairQuads', () => {
  it('joins the blocks of each side in time order and marks where quads end', () => {
    const sample = pairQuads([
      block('baseline', [1, 2]),
      block('candidate', [10]),
      block('candidate', [11]),
      block('baseline', [3]),
      block('candidate', [12], { quad: 1 }),
      block('baseline', [4], { quad: 1 })
    ])

    expect([...sample.baseline.latenciesNs]).toEqual([1, 2, 3, 4])
    expect(sample.baseline.quadEnds).toEqual([3, 4])
    expect([...sample.candidate.latenciesNs]).toEqual([10, 11, 12])
    expect(sample.candidate.quadEnds).toEqual([2, 3])
  })

  it('leaves out a quad in which one side has no successful request', () => {
    const sample = pairQuads([
      block('baseline', [1], { quad: 4 }),
      block('candidate', [2], { quad: 4 }),
      block('baseline', [3], { quad: 9 }),
      block('candidate', [], { quad: 9, errors: 3 })
    ])

    expect(sample.quads).toBe(1)
    expect(sample.unpairedQuads).toBe(1)
    expect([...sample.baseline.latenciesNs]).toEqual([1])
  })
})

describe('splitIntoWindows', () => {
  it('closes a window when both sides have enough, and gives the rest to the last one', () => {
    const windows = splitIntoWindows(quadsOf([6, 6], [6, 6], [6, 6], [6, 5], [1, 1], [6, 6]), 12)

    expect(windows).toEqual([
      { baseline: { start: 0, end: 12 }, candidate: { start: 0, end: 12 } },
      { baseline: { start: 12, end: 31 }, candidate: { start: 12, end: 30 } }
    ])
  })

  it('gives none when a window cannot be filled twice', () => {
    expect(splitIntoWindows(quadsOf([12, 12], [12, 11]), 12)).toEqual([])
    expect(splitIntoWindows(quadsOf([1000, 1000]), 12)).toEqual([])
    expect(splitIntoWindows(quadsOf(), 12)).toEqual([])
  })
})
