import { describe, expect, test } from 'vitest'
import { createRandom, fillNormal, inputSeed } from '#workers/side/random-numbers.ts'

function normal(seed: number, length: number): Float64Array {
  const values = new Float64Array(length)
  fillNormal(values, createRandom(seed))
  return values
}

describe('fillNormal', () => {
  test('the same seed gives the same values, whatever the length of the array', () => {
    expect(normal(7, 5)).toEqual(normal(7, 6).slice(0, 5))
    expect(normal(7, 5)).not.toEqual(normal(8, 5))
  })

  test('values have mean 0 and variance 1', () => {
    const values = normal(1, 20_000)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length

    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
    expect(values.every(Number.isFinite)).toBe(true)
  })
})

describe('createRandom', () => {
  test('draws the published sequence of mulberry32', () => {
    const random = createRandom(0)

    expect([random(), random()].map((value) => Math.round(value * 2 ** 32))).toEqual([1144304738, 1416247])
  })
})

describe('inputSeed', () => {
  test('differs by seed and by name, also beyond 32 bits', () => {
    const seeds = [inputSeed(1, 'x'), inputSeed(1, 'y'), inputSeed(2, 'x'), inputSeed(2 ** 40 + 1, 'x')]

    expect(new Set(seeds).size).toBe(4)
  })
})
