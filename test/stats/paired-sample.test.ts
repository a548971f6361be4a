import { describe, expect, it } from 'vitest'
import { pairQuads, poolQuads } from '#stats/paired-sample.ts'
import { block } from './build-measurements.ts'

describe('pairQuads', () => {
  it('puts the blocks of each side of a quad together in time order', () => {
    const sample = pairQuads([
      block('baseline', [1, 2]),
      block('candidate', [10]),
      block('candidate', [11]),
      block('baseline', [3]),
      block('candidate', [12], { quad: 1 }),
      block('baseline', [4], { quad: 1 })
    ])

    expect(sample.quads).toEqual([
      { baseline: [[1, 2], [3]], candidate: [[10], [11]] },
      { baseline: [[4]], candidate: [[12]] }
    ])
    expect(sample.requests).toEqual({ baseline: 4, candidate: 3 })
    expect([...poolQuads(sample.quads, 'baseline')]).toEqual([1, 2, 3, 4])
  })

  it('leaves out a quad in which one side has no successful request', () => {
    const sample = pairQuads([
      block('baseline', [1], { quad: 4 }),
      block('candidate', [2], { quad: 4 }),
      block('baseline', [3], { quad: 9 }),
      block('candidate', [], { quad: 9, errors: 3 })
    ])

    expect(sample.quads).toEqual([{ baseline: [[1]], candidate: [[2]] }])
    expect(sample.unpairedQuads).toBe(1)
    expect(sample.requests).toEqual({ baseline: 1, candidate: 1 })
  })
})
