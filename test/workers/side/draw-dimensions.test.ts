import { describe, expect, test } from 'vitest'
import { drawDimensions } from '#workers/side/draw-dimensions.ts'

function sizes(dims: Parameters<typeof drawDimensions>[0]['dims'], samples: number, seed = 1, name = 'n') {
  return drawDimensions({ dims, seed }, samples).map((drawn) => drawn.get(name))
}

const WEIGHTED = { choices: [128, 512, 2048], weights: [5, 3, 2] }

describe('drawDimensions', () => {
  test('a fixed size is the same in every sample', () => {
    expect(sizes({ n: 7 }, 3)).toEqual([7, 7, 7])
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('whatever the seed (%d), the samples share out the weights', (seed) => {
    const drawn = sizes({ n: WEIGHTED }, 10, seed)

    expect(drawn.filter((size) => size === 128)).toHaveLength(5)
    expect(drawn.filter((size) => size === 512)).toHaveLength(3)
    expect(drawn.filter((size) => size === 2048)).toHaveLength(2)
  })

  test('one sample draws each choice as often as its weight says', () => {
    const drawn = Array.from({ length: 1000 }, (_, seed) => sizes({ n: WEIGHTED }, 1, seed)[0])

    expect(Math.abs(drawn.filter((size) => size === 128).length - 500)).toBeLessThan(80)
    expect(Math.abs(drawn.filter((size) => size === 2048).length - 200)).toBeLessThan(64)
  })

  test('without weights the choices are alike', () => {
    expect(sizes({ n: { choices: [1, 2, 3], weights: [] } }, 3).toSorted()).toEqual([1, 2, 3])
  })

  test('the seed decides, and two dimensions of one seed are independent', () => {
    const dims = { n: { choices: [1, 2], weights: [] }, m: { choices: [1, 2], weights: [] } }

    expect(sizes(dims, 64)).toEqual(sizes(dims, 64))
    expect(sizes(dims, 64)).not.toEqual(sizes(dims, 64, 2))
    const both = drawDimensions({ dims, seed: 1 }, 64).map((drawn) => `${drawn.get('n')}${drawn.get('m')}`)
    expect(new Set(both).size).toBe(4)
  })
})
