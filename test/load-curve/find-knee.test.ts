import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findKnee } from '#src/load-curve/find-knee.ts'

/** Geometric from 10 % to 95 % of a capacity of 100 requests per second. */
const RATES = Array.from({ length: 12 }, (_, step) => 10 * 9.5 ** (step / 11))

function curve(latencyNs: (utilisation: number) => number, rates = RATES) {
  return rates.map((ratePerS) => ({ ratePerS, latencyNs: latencyNs(ratePerS / 100) }))
}

const mm1 = (utilisation: number) => 1e7 / (1 - utilisation)
const md1 = (utilisation: number) => 1e7 * (1 + utilisation / (2 * (1 - utilisation)))

describe('findKnee', () => {
  test.each([
    ['half the capacity for M/M/1', mm1, 50],
    ['2 − √2 of the capacity for the mean of M/D/1', md1, 100 * (2 - Math.SQRT2)]
  ])('finds %s', (_, latencyNs, expected) => {
    const knee = findKnee(curve(latencyNs))

    expect(knee.kind).toBe('found')
    if (knee.kind !== 'found') return
    expect(Math.abs(knee.ratePerS / expected - 1)).toBeLessThan(0.02)
    expect(Math.abs(knee.latencyNs / latencyNs(knee.ratePerS / 100) - 1)).toBeLessThan(0.05)
  })

  test('does not move with the units of time and rate, nor with the order of the points', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 1000, noNaN: true }),
        fc.integer({ min: 0, max: 10 }),
        (factor, shift) => {
          const scaled = curve(md1).map(({ ratePerS, latencyNs }) => {
            return { ratePerS: ratePerS * factor, latencyNs: latencyNs / factor }
          })
          const turned = [...scaled.slice(shift), ...scaled.slice(0, shift)]
          const knee = findKnee(turned)

          expect(knee.kind === 'found' && knee.ratePerS / factor).toBeCloseTo(57.68, 2)
        }
      )
    )
  })

  test('does not move with the end of the ramp', () => {
    const short = findKnee(curve(mm1, RATES.slice(0, 10)))
    const long = findKnee(curve(mm1))

    expect(short).toEqual(long)
  })

  test('one lucky step does not make a second bend', () => {
    const lucky = curve(mm1).map((point, step) => (step === 10 ? { ...point, latencyNs: 1e6 } : point))

    expect(findKnee(lucky).kind).not.toBe('unknown')
  })

  test('says so when the knee is outside of the ramp', () => {
    expect(findKnee(curve(mm1, [10, 15, 20, 25]))).toEqual({ kind: 'above', ratePerS: expect.closeTo(25) })
    expect(findKnee(curve(mm1, [60, 70, 80, 90]))).toEqual({ kind: 'below', ratePerS: expect.closeTo(60) })
  })

  test('a step without a latency counts as slower than any', () => {
    const points = [...curve(() => 1e7, [10, 20, 40]), { ratePerS: 80, latencyNs: null }]

    expect(findKnee(points)).toEqual({ kind: 'found', ratePerS: expect.closeTo(40), latencyNs: expect.closeTo(1e7, 0) })
  })

  test('two points are no curve', () => {
    expect(findKnee(curve(mm1, [10, 20]))).toEqual({ kind: 'unknown' })
  })
})
