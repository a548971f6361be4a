import { describe, expect, test } from 'vitest'
import { findSustainedRate, isSustained, sustainedRate } from '#src/load-curve/sustained-rate.ts'

const MS = 1e6

function points(...latenciesMs: (number | null)[]) {
  return latenciesMs.map((ms, step) => ({ ratePerS: 100 * 2 ** step, latencyNs: ms === null ? null : ms * MS }))
}

describe('findSustainedRate', () => {
  test('takes logarithms for straight between the last step that keeps the objective and the first that does not', () => {
    // From 10 ms at 200/s to 40 ms at 400/s: 20 ms is half way on both logarithmic scales.
    const found = findSustainedRate(points(10, 10, 40), 20 * MS)

    expect(found).toEqual({ kind: 'found', ratePerS: expect.closeTo(200 * Math.SQRT2) })
    expect(sustainedRate(points(10, 10, 40), 20 * MS)).toBeCloseTo(200 * Math.SQRT2)
  })

  test('is at least the last rate when every step keeps it', () => {
    expect(findSustainedRate(points(1, 2, 3), 20 * MS)).toEqual({ kind: 'at_least', ratePerS: expect.closeTo(400) })
    expect(sustainedRate(points(1, 2, 3), 20 * MS)).toBeCloseTo(400)
  })

  test('is below the first rate when no step keeps it', () => {
    expect(findSustainedRate(points(30, 40, 50), 20 * MS)).toEqual({ kind: 'below', ratePerS: 100 })
    expect(sustainedRate(points(30, 40, 50), 20 * MS)).toBeNull()
  })

  test('a lucky step above one that failed is not reached', () => {
    const found = sustainedRate(points(1, null, 1), 20 * MS)

    expect(found).toBeCloseTo(100)
  })

  test('a first step without a latency keeps nothing', () => {
    expect(findSustainedRate(points(null, 1, 1), 20 * MS)).toEqual({ kind: 'below', ratePerS: 100 })
  })

  test('is unknown without steps', () => {
    expect(findSustainedRate([], 20 * MS)).toEqual({ kind: 'unknown' })
  })
})

describe('isSustained', () => {
  /** 1000 arrivals in a second. */
  const served = { offeredPerS: 1000, arrivals: 1000, errors: 0, lastNs: 1e9, medianServiceNs: 1e6 }

  test('answers that keep up do', () => {
    expect(isSustained(served)).toBe(true)
  })

  test('a queue that is still long at the end does not', () => {
    expect(isSustained({ ...served, lastNs: 1.1e9 })).toBe(false)
  })

  test('requests that take long are not taken for a queue', () => {
    expect(isSustained({ ...served, lastNs: 1.5e9, medianServiceNs: 5e8 })).toBe(true)
  })

  test('requests that were given up were not answered', () => {
    expect(isSustained({ ...served, errors: 60 })).toBe(false)
  })
})
