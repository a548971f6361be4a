import fc from 'fast-check'
import { expect, test } from 'vitest'
import { robustCentre } from '#stats/robust-centre.ts'

test('is the middle of symmetric values', () => {
  expect(robustCentre(Float64Array.from([1, 2, 3, 4, 5]))).toBeCloseTo(3, 12)
})

test('gives values far from the rest no weight at all', () => {
  const rest = [0.9, 1, 1.1, 0.95, 1.05]

  const centres = [2, 50, 1e9].map((far) => robustCentre(Float64Array.from([...rest, far])))

  expect(new Set(centres.map((centre) => centre.toFixed(9))).size).toBe(1)
  expect(centres[0]).toBeCloseTo(1, 1)
})

test('agrees with the fixed point computed apart from it', () => {
  // Median 3.5, MAD 1.5: the reach of 2.5 × 1.5 / 0.6745 = 5.6 leaves out 20, and the others are symmetric around 3.
  expect(robustCentre(Float64Array.from([1, 2, 3, 4, 5, 20]))).toBeCloseTo(3, 5)
})

test('is the common value when more than half of the values are equal', () => {
  expect(robustCentre(Float64Array.from([7, 7, 7, 1, 100]))).toBe(7)
})

test('follows the larger part of values in two states, where a mean would stand between them', () => {
  const fast = Array.from({ length: 60 }, (_, index) => index / 1000)
  const slow = Array.from({ length: 40 }, (_, index) => 0.4 + index / 1000)

  expect(robustCentre(Float64Array.from([...fast, ...slow]))).toBeLessThan(0.1)
})

test('moves and scales with the values, and mirrors when they are mirrored', () => {
  const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(values, fc.double({ min: -5, max: 5, noNaN: true }), (numbers, shift) => {
      const centre = robustCentre(Float64Array.from(numbers))
      expect(robustCentre(Float64Array.from(numbers, (value) => -value))).toBeCloseTo(-centre, 6)
      expect(robustCentre(Float64Array.from(numbers, (value) => value + shift))).toBeCloseTo(centre + shift, 4)
    }),
    { seed: 20261122 }
  )
})

test('is not a number without values', () => {
  expect(robustCentre(new Float64Array(0))).toBeNaN()
})
