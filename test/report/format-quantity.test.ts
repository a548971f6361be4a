import { describe, expect, test } from 'vitest'
import {
  formatDuration,
  formatForecast,
  formatLatency,
  formatLatencyWithin,
  formatMemory,
  formatPair,
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
  [850.4, '850 ms'],
  [10_400, '10.4 s'],
  [200_000, '3 min 20 s'],
  [-1, '–'],
  [Number.NaN, '–']
])('%d ms of time is %s', (durationMs, expected) => {
  expect(formatDuration(durationMs)).toBe(expected)
})

test.each([
  [1, '1 s'],
  [39_001, '40 s'],
  [90_001, '2 min'],
  [5_400_001, '2 h'],
  [1e12, 'more than 100 h'],
  [Number.POSITIVE_INFINITY, 'more than 100 h'],
  [Number.NaN, 'more than 100 h']
])('a forecast of %d ms is about %s', (durationMs, expected) => {
  expect(formatForecast(durationMs)).toBe(expected)
})

test('a pooled latency stands with its interval in its own unit', () => {
  expect(formatLatencyWithin(1_311_000, [998_000, 1_330_000])).toBe('1.31 ms (0.998 to 1.33)')
  expect(formatLatencyWithin(1_311_000, null)).toBe('1.31 ms')
  expect(formatLatencyWithin(1_311_000, [Number.NaN, 1])).toBe('1.31 ms')
  expect(formatLatencyWithin(null, null)).toBe('–')
})

test('memory and plurals', () => {
  expect(formatMemory(8_328_966_144)).toBe('7.76 GiB')
  expect(formatPlural(1, 'case')).toBe('1 case')
  expect(formatPlural(1200, 'case')).toBe('1,200 cases')
})
