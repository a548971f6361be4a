import { describe, expect, it } from 'vitest'
import { compareErrorRates } from '#stats/compare-error-rates.ts'

const EQUAL = { baseline: 1000, candidate: 1000 }

describe('compareErrorRates', () => {
  it('gives the exact binomial tail', () => {
    // P(Bin(7, 1/2) = 7) = 1/128; P(Bin(5, 1/2) = 5) = 1/32; P(Bin(10, 1/2) ≥ 9) = 11/1024
    expect(compareErrorRates({ baseline: 0, candidate: 7 }, EQUAL).pValue).toBeCloseTo(1 / 128, 12)
    expect(compareErrorRates({ baseline: 0, candidate: 5 }, EQUAL).pValue).toBeCloseTo(1 / 32, 12)
    expect(compareErrorRates({ baseline: 1, candidate: 9 }, EQUAL).pValue).toBeCloseTo(11 / 1024, 12)
  })

  it('differs from seven errors against none on, not at five', () => {
    expect(compareErrorRates({ baseline: 0, candidate: 7 }, EQUAL).differ).toBe(true)
    expect(compareErrorRates({ baseline: 0, candidate: 5 }, EQUAL).differ).toBe(false)
  })

  it('needs a difference of three, however unlikely a smaller one is', () => {
    const rates = compareErrorRates({ baseline: 0, candidate: 2 }, { baseline: 100_000, candidate: 100 })

    expect(rates.pValue).toBeLessThan(0.01)
    expect(rates.differ).toBe(false)
  })

  it('weighs the errors by how often each side was asked', () => {
    const rates = compareErrorRates({ baseline: 10, candidate: 20 }, { baseline: 1000, candidate: 2000 })

    expect(rates.differ).toBe(false)
    expect(rates.pValue).toBeGreaterThan(0.4)
  })

  it('says the same when the sides are swapped', () => {
    const asked = { baseline: 700, candidate: 900 }

    expect(compareErrorRates({ baseline: 12, candidate: 1 }, asked)).toEqual(
      compareErrorRates({ baseline: 1, candidate: 12 }, { baseline: 900, candidate: 700 })
    )
  })

  it('has no p-value when nothing failed', () => {
    expect(compareErrorRates({ baseline: 0, candidate: 0 }, EQUAL)).toEqual({ differ: false, pValue: null })
  })

  it('stays a probability for absurd counts', () => {
    const rates = compareErrorRates({ baseline: 4e15, candidate: 5e15 }, { baseline: 5e15, candidate: 6e15 })

    expect(rates.pValue).toBeGreaterThanOrEqual(0)
    expect(rates.pValue).toBeLessThanOrEqual(1)
  })

  it('does not call the side different that alone was asked', () => {
    expect(compareErrorRates({ baseline: 0, candidate: 50 }, { baseline: 0, candidate: 60 }).differ).toBe(false)
  })
})
