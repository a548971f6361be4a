import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clopperPearson, mcnemarPValue } from '#src/equivalence/exact-bounds.ts'

describe('Clopper–Pearson bounds', () => {
  // Closed forms: none of n is 1 − (α/2)^(1/n); the others from tables of the beta distribution.
  test.each([
    [0, 10, 0, 1 - 0.025 ** (1 / 10)],
    [10, 10, 0.025 ** (1 / 10), 1],
    [4, 20, 0.057334, 0.436614],
    [1, 1_000_000, 2.53178e-8, 5.571631e-6]
  ])('%d of %d', (events, trials, lower, upper) => {
    const bounds = clopperPearson(events, trials, 0.95)
    expect(bounds.lower).toBeCloseTo(lower, 6)
    expect(bounds.upper).toBeCloseTo(upper, 6)
  })

  test('of tiny shares keep their digits', () => {
    expect(clopperPearson(1, 1_000_000, 0.95).upper / 5.571630655e-6).toBeCloseTo(1, 6)
  })

  test('nothing tried, nothing known', () => {
    expect(clopperPearson(0, 0, 0.95)).toEqual({ lower: 0, upper: 1 })
  })

  test('more trials than can be counted exactly still hold the share', () => {
    const { lower, upper } = clopperPearson(3, 5_000_000_000, 0.95)
    expect(lower).toBeLessThanOrEqual(3 / 5e9)
    expect(upper).toBeGreaterThan(3 / 5e9)
  })

  test('hold the observed share, mirror each other, and widen with confidence', () => {
    const counts = fc.nat(5000).chain((trials) => fc.tuple(fc.nat(trials), fc.constant(trials + 1)))
    fc.assert(
      fc.property(counts, ([events, trials]) => {
        const { lower, upper } = clopperPearson(events, trials, 0.95)
        const mirrored = clopperPearson(trials - events, trials, 0.95)
        const wider = clopperPearson(events, trials, 0.99)
        expect(lower).toBeLessThanOrEqual(events / trials)
        expect(upper).toBeGreaterThanOrEqual(events / trials)
        expect(mirrored.upper).toBeCloseTo(1 - lower, 9)
        expect(wider.lower).toBeLessThanOrEqual(lower)
        expect(wider.upper).toBeGreaterThanOrEqual(upper)
      })
    )
  })

  test('are wrong no more often than they say', () => {
    // All outcomes of 30 trials, weighted by their probability at a share of 0.1.
    const share = 0.1
    const trials = 30
    let probability = (1 - share) ** trials
    let missed = 0
    for (let events = 0; events <= trials; events += 1) {
      const { lower, upper } = clopperPearson(events, trials, 0.9)
      if (share < lower || share > upper) missed += probability
      probability *= ((trials - events) / (events + 1)) * (share / (1 - share))
    }
    expect(missed).toBeGreaterThan(0)
    expect(missed).toBeLessThanOrEqual(0.1)
  })

  test.each([
    [2, 1, 0.95],
    [-1, 1, 0.95],
    [0.5, 1, 0.95],
    [0, 1, 1],
    [0, 1, 0],
    [0, 1, Number.NaN]
  ])('%d of %d with confidence %d cannot be', (events, trials, confidence) => {
    expect(() => clopperPearson(events, trials, confidence)).toThrow(RangeError)
  })
})

test.each([
  [0, 0, 1],
  [5, 0, 1 / 32],
  [9, 1, 11 / 1024],
  [1, 9, 1023 / 1024],
  [3, 3, 42 / 64]
])('McNemar: %d against %d has p = %d', (onlyBaseline, onlyCandidate, pValue) => {
  expect(mcnemarPValue(onlyBaseline, onlyCandidate)).toBeCloseTo(pValue, 12)
})
