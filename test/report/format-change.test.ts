import { describe, expect, test } from 'vitest'
import {
  describeSize,
  formatChange,
  formatInterval,
  formatLimit,
  formatLimitShort,
  formatPercent
} from '#src/report/format-change.ts'

const RATIO = { unit: 'ns', threshold: 0.02 } as const
const SHARE = { unit: 'share', threshold: 0.01 } as const

test.each([
  [0.061, '+6.1 %'],
  [-0.061, '−6.1 %'],
  [0.62, '+62 %'],
  [0.0994, '+9.9 %'],
  [0.0996, '+10 %'],
  [0.0004, '0.0 %'],
  [-0.0004, '0.0 %'],
  [8.99, '+899 %'],
  [12.6, '×14'],
  [Number.MAX_VALUE, '>×1,000'],
  [Number.POSITIVE_INFINITY, '>×1,000'],
  [Number.NaN, '–']
])('a change of %d is %s', (change, expected) => {
  expect(formatChange(change, RATIO)).toBe(expected)
})

test('a change of a share is in percentage points', () => {
  expect(formatChange(-0.031, SHARE)).toBe('−3.1 pp')
})

describe('an interval', () => {
  test('has both ends with signs', () => {
    expect(formatInterval([0.052, 0.07], RATIO)).toBe('+5.2 % to +7.0 %')
  })

  test('is rounded outwards', () => {
    expect(formatInterval([-0.0041, 0.1301], RATIO)).toBe('−0.5 % to +14 %')
    expect(formatInterval([-0.0329, -0.0121], RATIO)).toBe('−3.3 % to −1.2 %')
    expect(formatInterval([0.0004, 0.0112], RATIO)).toBe('0.0 % to +1.2 %')
  })
})

describe('a number beside its limit', () => {
  test.each([
    [0.0197, '+1.97 %'],
    [0.0203, '+2.03 %'],
    [0.02, '+2.0 %'],
    [0.019_999_9, '+2.0 %']
  ])('%d gets the decimals that keep it on its side of 2 %%', (change, expected) => {
    expect(formatChange(change, RATIO)).toBe(expected)
  })

  test('an end inside the limit is not rounded onto it', () => {
    expect(formatInterval([-0.001, 0.0196], RATIO)).toBe('−0.1 % to +1.96 %')
  })
})

test.each([
  [0.02, 'ns', '2 %', '±2 %'],
  [0.005, 'ns', '0.5 %', '±0.5 %'],
  [0.1, 'requests/s', '10 %', '±10 %'],
  [0.07, 'ns', '7 %', '±7 %'],
  [0.01, 'share', '1 percentage point', '±1 pp'],
  [0.005, 'share', '0.5 percentage points', '±0.5 pp']
] as const)('a limit of %d %s is %s', (threshold, unit, long, short) => {
  expect(formatLimit({ threshold, unit })).toBe(long)
  expect(formatLimitShort({ threshold, unit })).toBe(short)
})

test.each([
  [0.061, 'nearest', '6.1 %'],
  [0.0003, 'nearest', 'less than 0.1 %'],
  [0.0003, 'up', '0.1 %'],
  [0.0003, 'down', '0 %'],
  [0, 'up', '0 %'],
  [-0.997, 'nearest', 'more than 99 %'],
  [11.4, 'down', '12 times'],
  [11.4, 'up', '13 times'],
  [Number.MAX_VALUE, 'up', 'more than 1,000 times'],
  [Number.POSITIVE_INFINITY, 'up', 'more than 1,000 times']
] as const)('a size of %d rounded %s is %s in words', (change, rounding, expected) => {
  expect(describeSize(change, rounding, RATIO)).toBe(expected)
})

test('percentages without a sign', () => {
  expect(formatPercent(-0.62)).toBe('62 %')
})
