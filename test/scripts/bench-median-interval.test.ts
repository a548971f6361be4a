import { describe, expect, test } from 'vitest'
import { medianInterval } from '#src/scripts/bench/median-interval.ts'

describe('medianInterval', () => {
  test('nine values: the second and the eighth cover 96.1 %', () => {
    const interval = medianInterval([9, 1, 8, 2, 7, 3, 6, 4, 5])

    // 1 - 2 (1 + 9) / 2^9
    expect(interval).toEqual({ median: 5, low: 2, high: 8, coverage: expect.closeTo(1 - 20 / 512, 12) })
  })

  test('six values: only the extremes cover 95 %', () => {
    expect(medianInterval([1, 2, 3, 4, 5, 6])).toEqual({
      median: 3.5,
      low: 1,
      high: 6,
      coverage: expect.closeTo(1 - 2 / 64, 12)
    })
  })

  test('twenty values: the sixth and the fifteenth, as in published tables', () => {
    const values = Array.from({ length: 20 }, (_, index) => index + 1)

    expect(medianInterval(values)).toMatchObject({ low: 6, high: 15, coverage: expect.closeTo(0.9586, 4) })
  })

  test('too few values: the extremes, and a coverage that says so', () => {
    expect(medianInterval([1, 2, 4])).toEqual({ median: 2, low: 1, high: 4, coverage: expect.closeTo(0.75, 12) })
    expect(medianInterval([])).toEqual({ median: Number.NaN, low: Number.NaN, high: Number.NaN, coverage: 0 })
  })

  test('the values are left as they were', () => {
    const values = [3, 1, 2]

    medianInterval(values)

    expect(values).toEqual([3, 1, 2])
  })
})
