import { describe, expect, it } from 'vitest'
import { rejectByHolm } from '#stats/holm.ts'

describe('rejectByHolm', () => {
  it('agrees with R’s p.adjust, method "holm"', () => {
    // p.adjust(c(.01, .04, .03, .005), "holm") = .03 .06 .06 .02
    expect(rejectByHolm([0.01, 0.04, 0.03, 0.005], 0.05)).toEqual([true, false, false, true])
    expect(rejectByHolm([0.01, 0.04, 0.03, 0.005], 0.06)).toEqual([true, true, true, true])
  })

  it('stops at the first test that fails, whatever follows', () => {
    expect(rejectByHolm([0.03, 0.049], 0.05)).toEqual([false, false])
  })

  it('treats equal p-values alike', () => {
    expect(rejectByHolm([0.025, 0.025], 0.05)).toEqual([true, true])
    expect(rejectByHolm([0.026, 0.026], 0.05)).toEqual([false, false])
  })

  it('has nothing to say about no tests', () => {
    expect(rejectByHolm([], 0.05)).toEqual([])
  })
})
