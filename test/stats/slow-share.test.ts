import { expect, test } from 'vitest'
import { compareSlowness } from '#stats/slow-share.ts'
import type { Window } from '#stats/windows.ts'

function windowOf(baseline: readonly number[], candidate: readonly number[]): Window {
  return { baseline: Float64Array.from(baseline).sort(), candidate: Float64Array.from(candidate).sort() }
}

const steady = Array.from({ length: 12 }, () => 100)

test('is zero where nothing is slower than 1.15 times the median', () => {
  expect(
    compareSlowness([
      windowOf(
        steady,
        steady.map(() => 114)
      )
    ])
  ).toEqual({ baseline: 0, candidate: 0 })
})

test('counts requests from 1.4 times the median as slow, and those between 1.15 and 1.4 in part', () => {
  const candidate = [...steady.slice(3), 140, 500, 100 * Math.sqrt(1.15 * 1.4)]

  const shares = compareSlowness([windowOf(steady, candidate)])

  expect(shares.baseline).toBe(0)
  expect(shares.candidate).toBeCloseTo(2.5 / 12, 12)
})

test('weighs windows by the variance of their neighbourhood', () => {
  const slowHalf = [...steady.slice(6), ...Array.from({ length: 6 }, () => 1000)]
  const quiet = windowOf(steady, steady)
  const windows = [windowOf(steady, slowHalf), windowOf(slowHalf, steady), quiet, quiet]

  const shares = compareSlowness(windows)

  // Slow of each side around the windows: 6 of 24 of both, 6 of 36 of both, 6 and 0 of 36, none.
  const weights = [6 / 24, 6 / 36, 0, 0].map((share) => 6 / (share * (1 - share) + 0.02))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  expect(shares.candidate).toBeCloseTo(((weights[0] ?? 0) * 0.5) / total, 12)
  expect(shares.baseline).toBeCloseTo(((weights[1] ?? 0) * 0.5) / total, 12)
})

test('lets requests that are slow on one side only weigh in full', () => {
  const slow = steady.map(() => 300)
  const windows = Array.from({ length: 50 }, (_, index) => windowOf(steady, index % 10 === 0 ? slow : steady))

  expect(compareSlowness(windows).candidate).toBeCloseTo(0.1, 12)
})

test('knows nothing of sides: swapping them swaps the shares', () => {
  const slow = [...steady.slice(2), 300, 170]
  const windows = [windowOf(steady, slow), windowOf(slow, steady), windowOf(steady, slow)]
  const swapped = windows.map(({ baseline, candidate }) => ({ baseline: candidate, candidate: baseline }))

  const { baseline, candidate } = compareSlowness(windows)

  expect(compareSlowness(swapped)).toEqual({ baseline: candidate, candidate: baseline })
})
