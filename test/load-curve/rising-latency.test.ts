import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitRisingLatency } from '#src/load-curve/rising-latency.ts'

const Point = fc.record({
  ratePerS: fc.double({ min: 0.1, max: 1e5, noNaN: true }),
  latencyNs: fc.double({ min: 1, max: 1e12, noNaN: true })
})

test('never falls, and keeps the mean of the logarithms', () => {
  fc.assert(
    fc.property(fc.array(Point, { minLength: 1, maxLength: 30 }), (points) => {
      const fitted = fitRisingLatency(points).map(({ lnLatency }) => lnLatency)

      for (const [index, value] of fitted.entries()) {
        expect(value).toBeGreaterThanOrEqual((fitted[index - 1] ?? value) - 1e-9)
      }
      const sum = fitted.reduce((total, value) => total + value, 0)
      const expected = points.reduce((total, { latencyNs }) => total + Math.log(latencyNs), 0)
      expect(sum).toBeCloseTo(expected, 6)
    })
  )
})

test('leaves a rising curve as it is, in the order of the rates', () => {
  const fitted = fitRisingLatency([
    { ratePerS: 20, latencyNs: 200 },
    { ratePerS: 10, latencyNs: 100 },
    { ratePerS: 30, latencyNs: null }
  ])

  expect(fitted).toEqual([
    { lnRate: Math.log(10), lnLatency: Math.log(100) },
    { lnRate: Math.log(20), lnLatency: Math.log(200) }
  ])
})

test('two steps in the wrong order meet in the middle', () => {
  const fitted = fitRisingLatency([
    { ratePerS: 10, latencyNs: 400 },
    { ratePerS: 20, latencyNs: 100 }
  ])

  expect(fitted.map(({ lnLatency }) => Math.exp(lnLatency))).toEqual([expect.closeTo(200), expect.closeTo(200)])
})
