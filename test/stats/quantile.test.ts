import { describe, expect, it } from 'vitest'
import { median, quantileOfSorted } from '#stats/quantile.ts'

describe('quantileOfSorted', () => {
  it('interpolates between order statistics as R’s type 7 does', () => {
    // R: quantile(c(1, 2, 4, 8, 16), c(.1, .5, .95), type = 7)
    const sorted = [1, 2, 4, 8, 16]

    expect(quantileOfSorted(sorted, 0.1)).toBeCloseTo(1.4, 12)
    expect(quantileOfSorted(sorted, 0.5)).toBe(4)
    expect(quantileOfSorted(sorted, 0.95)).toBeCloseTo(14.4, 12)
  })

  it('gives the ends at 0 and 1', () => {
    expect(quantileOfSorted([3, 5, 9], 0)).toBe(3)
    expect(quantileOfSorted([3, 5, 9], 1)).toBe(9)
  })

  it('gives the value itself for a single one and NaN for none', () => {
    expect(quantileOfSorted([7], 0.99)).toBe(7)
    expect(quantileOfSorted([], 0.5)).toBeNaN()
  })
})

describe('median', () => {
  it('takes values in any order and leaves them as they are', () => {
    const values = [9, 1, 100, 3]

    expect(median(values)).toBe(6)
    expect(values).toEqual([9, 1, 100, 3])
  })
})
