import { describe, expect, test } from 'vitest'
import {
  formatChange,
  formatDuration,
  formatInterval,
  formatLatency,
  formatLimit,
  formatMemory,
  formatPair,
  formatPercent,
  formatPlural
} from '#src/report/format-quantity.ts'
import { metric } from './sample-outcomes.ts'

test.each([
  [0.4, '0.4 ns'],
  [999, '999 ns'],
  [1_234, '1.23 µs'],
  [98_760, '98.8 µs'],
  [412_345, '412 µs'],
  [1_000_000, '1.00 ms'],
  [12_345_678, '12.3 ms'],
  [1_234_567_890, '1.23 s'],
  [5_400_000_000_000, '5,400 s']
])('a latency of %d ns is %s', (latencyNs, expected) => {
  expect(formatLatency(latencyNs)).toBe(expected)
})

describe('both sides of a row', () => {
  const pair = (baseline: number | null, candidate: number | null, name: 'p50' | 'throughput' | 'slow_share' = 'p50') =>
    formatPair({ ...metric(name, 0, 0, 'unchanged'), baseline, candidate })

  test('share a unit', () => {
    expect(pair(998_000, 1_616_000)).toEqual({ baseline: '0.998 ms', candidate: '1.62 ms' })
  })

  test('have their own units when they are far apart', () => {
    expect(pair(1_200, 5_000_000_000)).toEqual({ baseline: '1.20 µs', candidate: '5.00 s' })
  })

  test('are dashes where there is no number', () => {
    expect(pair(null, 1_616_000)).toEqual({ baseline: '–', candidate: '1.62 ms' })
    expect(pair(null, null)).toEqual({ baseline: '–', candidate: '–' })
  })

  test('show throughput per second and shares in percent', () => {
    expect(pair(2370.4, 8.126, 'throughput')).toEqual({ baseline: '2,370/s', candidate: '8.13/s' })
    expect(pair(0.021, 0, 'slow_share')).toEqual({ baseline: '2.1 %', candidate: '0.0 %' })
  })
})

test.each([
  [0.061, '+6.1 %'],
  [-0.061, '−6.1 %'],
  [0.62, '+62 %'],
  [0.0994, '+9.9 %'],
  [0.0996, '+10 %'],
  [0.0004, '0.0 %'],
  [-0.0004, '0.0 %'],
  [12.5, '+1,250 %'],
  [Number.MAX_VALUE, '+>1,000,000 %'],
  [Number.NaN, '– %']
])('a change of %d is %s', (change, expected) => {
  expect(formatChange(change, 'ns')).toBe(expected)
})

test('a change of a share is in percentage points', () => {
  expect(formatChange(-0.031, 'share')).toBe('−3.1 pp')
})

test('an interval has both ends with signs', () => {
  expect(formatInterval([0.052, 0.07], 'ns')).toBe('+5.2 % to +7.0 %')
  expect(formatInterval([-0.004, 0.14], 'ns')).toBe('−0.4 % to +14 %')
})

test.each([
  [0.02, 'ns', '2 %'],
  [0.005, 'ns', '0.5 %'],
  [0.1, 'requests/s', '10 %'],
  [0.07, 'ns', '7 %'],
  [0.01, 'share', '1 percentage point'],
  [0.005, 'share', '0.5 percentage points']
] as const)('a limit of %d %s is %s', (threshold, unit, expected) => {
  expect(formatLimit({ threshold, unit })).toBe(expected)
})

test.each([
  [850.4, '850 ms'],
  [10_400, '10.4 s'],
  [200_000, '3 min 20 s'],
  [-1, '–'],
  [Number.NaN, '–']
])('%d ms of time is %s', (durationMs, expected) => {
  expect(formatDuration(durationMs)).toBe(expected)
})

test('percentages, memory and plurals', () => {
  expect(formatPercent(-0.62)).toBe('62 %')
  expect(formatMemory(8_328_966_144)).toBe('7.76 GiB')
  expect(formatPlural(1, 'case')).toBe('1 case')
  expect(formatPlural(1200, 'case')).toBe('1,200 cases')
})
