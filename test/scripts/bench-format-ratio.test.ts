import { describe, expect, test } from 'vitest'
import { compareWithAim, formatRatio } from '#src/scripts/bench/format-ratio.ts'

const interval = (low: number, high: number) => ({ median: (low + high) / 2, low, high, coverage: 0.95 })

describe('compareWithAim', () => {
  test.each([
    [0.99, 1.02, '≤ 1.02: reached'],
    [1.01, 1.03, '≤ 1.02: open'],
    [1.021, 1.03, '≤ 1.02: missed']
  ])('an upper bound and [%d, %d]', (low, high, expected) => {
    expect(compareWithAim({ kind: 'at most', value: 1.02 }, interval(low, high))).toBe(expected)
  })

  test.each([
    [0.6, 0.7, '≥ 0.6: reached'],
    [0.5, 0.7, '≥ 0.6: open'],
    [0.5, 0.59, '≥ 0.6: missed']
  ])('a lower bound and [%d, %d]', (low, high, expected) => {
    expect(compareWithAim({ kind: 'at least', value: 0.6 }, interval(low, high))).toBe(expected)
  })

  test('no figure reaches no aim', () => {
    expect(compareWithAim({ kind: 'at least', value: 0.6 }, interval(Number.NaN, Number.NaN))).toBe('≥ 0.6: open')
  })
})

test('a ratio shows its interval', () => {
  expect(formatRatio(interval(0.99, 1.01))).toBe('1.000 [0.990, 1.010]')
})
