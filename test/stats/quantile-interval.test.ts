import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findOrderStatistics, quantileInterval } from '#stats/quantile-interval.ts'
import { seededRandom } from './build-measurements.ts'

describe('findOrderStatistics', () => {
  it('needs 72 values for p95 and 368 for p99', () => {
    // 0.95^72 = 0.0249 and 0.99^368 = 0.0248: below 2.5 % for the first time.
    expect(findOrderStatistics(71, 0.95)).toBeNull()
    expect(findOrderStatistics(72, 0.95)).toMatchObject({ high: 72 })
    expect(findOrderStatistics(367, 0.99)).toBeNull()
    expect(findOrderStatistics(368, 0.99)).toMatchObject({ high: 368 })
  })

  it('spans order statistics 983 to 997 for p99 of 1000 values', () => {
    expect(findOrderStatistics(1000, 0.99)).toEqual({ low: 983, high: 997 })
  })

  it('gives the ranks of the median that tables of the sign test give', () => {
    // [Conover1999], table of the binomial distribution: n = 10 leaves out one value at each end (2 × 0.0107).
    expect(findOrderStatistics(10, 0.5)).toEqual({ low: 2, high: 9 })
    expect(findOrderStatistics(5, 0.5)).toBeNull()
    expect(findOrderStatistics(6, 0.5)).toEqual({ low: 1, high: 6 })
  })

  it('is the same from the other end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.constantFrom(0.05, 0.3, 0.5, 0.95, 0.99),
        (count, probability) => {
          const places = findOrderStatistics(count, probability)
          const mirrored = findOrderStatistics(count, 1 - probability)
          expect(mirrored).toEqual(places && { low: count + 1 - places.high, high: count + 1 - places.low })
        }
      )
    )
  })

  it('answers for many millions of values', () => {
    const places = findOrderStatistics(50_000_000, 0.99)

    // Normal approximation: ± 1.96 · √(5e7 · 0.99 · 0.01) = ± 1379.
    expect(places?.low).toBeCloseTo(49_500_000 - 1379, -1)
    expect(places?.high).toBeCloseTo(49_500_000 + 1380, -1)
  })
})

describe('quantileInterval', () => {
  it('reads the values at these places', () => {
    const sorted = Float64Array.from({ length: 1000 }, (_, index) => index + 1)

    expect(quantileInterval(sorted, 0.99)).toEqual([983, 997])
    expect(quantileInterval([], 0.5)).toBeNull()
    expect(quantileInterval([1, 2], 0.5)).toBeNull()
  })

  it('covers the true quantile of independent values at least as often as it says', () => {
    const random = seededRandom(3)
    let missed = 0
    for (let run = 0; run < 2000; run += 1) {
      const sorted = Float64Array.from({ length: 400 }, random).sort()
      const [low, high] = quantileInterval(sorted, 0.99) ?? [Number.NaN, Number.NaN]
      if (!(low <= 0.99 && 0.99 <= high)) missed += 1
    }

    // 5 % of 2000 expected at most; 130 are exceeded with a chance of 0.2 %. An interval that is far too wide misses none.
    expect(missed).toBeLessThanOrEqual(130)
    expect(missed).toBeGreaterThan(20)
  })
})
