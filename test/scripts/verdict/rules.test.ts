import { describe, expect, test } from 'vitest'
import { judgeByBencher, upperLimit } from '#src/scripts/bench/verdict/rules/bencher.ts'
import { judgeByBenchstat } from '#src/scripts/bench/verdict/rules/benchstat.ts'
import { judgeByThreshold } from '#src/scripts/bench/verdict/rules/fixed-threshold.ts'
import { judgeByRatio } from '#src/scripts/bench/verdict/rules/github-action-benchmark.ts'
import { testDistributions } from '#src/scripts/bench/verdict/rules/kolmogorov-smirnov.ts'
import { testRanks, testRanksExactly } from '#src/scripts/bench/verdict/rules/mann-whitney.ts'
import { judgeByPerfherder, perfherderT } from '#src/scripts/bench/verdict/rules/perfherder.ts'
import { compareAttempts, judgeByPinpoint } from '#src/scripts/bench/verdict/rules/pinpoint.ts'
import { judgeByRustcPerf, significanceThreshold } from '#src/scripts/bench/verdict/rules/rustc-perf.ts'
import { judgeByTango, outlierBounds } from '#src/scripts/bench/verdict/rules/tango.ts'
import { testWelch } from '#src/scripts/bench/verdict/rules/tests-on-requests.ts'

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

describe('Mann-Whitney', () => {
  // The smallest p-values of golang/perf's benchmath/anone.go: 2 / C(2n, n).
  test.each([
    [2, 0.3333333333333333],
    [3, 0.1],
    [4, 0.02857142857142857],
    [9, 4.113533525298231e-5]
  ])('is exact for two samples of %i without ties', (size, pValue) => {
    const test = testRanksExactly(range(0, size), range(size, 2 * size))

    expect(test.pValue).toBeCloseTo(pValue, 12)
    expect(test).toMatchObject({ superiority: 1, hasTies: false })
  })

  test('counts the orders between the ends', () => {
    // U = 2 of 9: 1 + 1 + 2 of the 20 orders of 3 and 3 are at most there.
    expect(testRanksExactly([1, 2, 5], [3, 4, 6]).pValue).toBeCloseTo((2 * 4) / 20, 12)
  })

  test('gives tied values their mean rank', () => {
    // Ranks of the second sample: 2, 3.5 and 5: U = 10.5 − 6 = 4.5 of 6.
    const { superiority, hasTies } = testRanks([1, 3], [2, 3, 4])

    expect(superiority).toBeCloseTo(4.5 / 6, 12)
    expect(hasTies).toBe(true)
  })

  // Pinpoint's compare.py gives the one-sided 0.0097 for these.
  test('corrects the normal approximation for ties and continuity', () => {
    const ones = [...Array<number>(15).fill(0), ...Array<number>(5).fill(1)]

    expect(testRanks(Array<number>(20).fill(0), ones).pValue / 2).toBeCloseTo(0.0097, 4)
  })

  test('finds no difference where all values are the same', () => {
    expect(testRanks([1, 1], [1, 1])).toEqual({ pValue: 1, superiority: 0.5, hasTies: true })
  })
})

describe('Kolmogorov-Smirnov', () => {
  // Pinpoint's kolmogorov_smirnov_test.py.
  test.each([
    [range(0, 10), range(20, 30), 1.8879793657162556e-5],
    [range(0, 5), range(0, 10), 0.26680230985258474],
    [Array<number>(5).fill(0), Array<number>(5).fill(1), 0.0037813540593701006],
    [[0], [1], 0.2890414283708268],
    [Array<number>(5).fill(0), Array<number>(5).fill(0), 1]
  ])('of %j and %j', (first, second, pValue) => {
    expect(testDistributions(first, second)).toBeCloseTo(pValue, 12)
  })
})

test('Welch’s t of 1, 2, 3 and 2, 3, 4', () => {
  const { t, degreesOfFreedom, pValue } = testWelch([1, 2, 3], [2, 3, 4])

  expect(t).toBeCloseTo(Math.sqrt(3 / 2), 12)
  expect(degreesOfFreedom).toBeCloseTo(4, 12)
  expect(pValue).toBeCloseTo(0.2879, 4)
})

describe('fixed thresholds', () => {
  const settings = { minChange: 0.1, minDifferenceNs: 1_000_000 }

  test.each([
    [20_000_000, 23_000_000, 'regression'],
    [23_000_000, 20_000_000, 'improvement'],
    // 9.5 %, and 45 % but 0.9 ms.
    [20_000_000, 21_900_000, 'pass'],
    [2_000_000, 2_900_000, 'pass']
  ])('%i ns to %i ns: %s', (baselineNs, candidateNs, call) => {
    expect(judgeByThreshold(baselineNs, candidateNs, settings)).toBe(call)
  })

  test('github-action-benchmark alerts above twice the result, and never praises', () => {
    expect([200, 200.1, 10].map((current) => judgeByRatio(100, current))).toEqual(['pass', 'regression', 'pass'])
  })
})

describe('benchstat', () => {
  const slower = Float64Array.from([11, 12, 13, 14])
  const faster = Float64Array.from([1, 2, 3, 4])

  test('says nothing below four runs a side', () => {
    expect(judgeByBenchstat(faster.slice(0, 3), slower.slice(0, 3))).toBe('undecided')
  })

  test('takes the direction from the medians', () => {
    expect([judgeByBenchstat(faster, slower), judgeByBenchstat(slower, faster)]).toEqual(['regression', 'improvement'])
  })

  test('prints ~ for a p of 0.05 and more', () => {
    expect(judgeByBenchstat(faster, Float64Array.from([2.5, 3.5, 5, 6]))).toBe('pass')
  })
})

describe('Pinpoint', () => {
  const ten = range(0, 10)

  test('calls separate samples different', () => {
    expect(compareAttempts(ten, range(10, 20), 10)).toBe('different')
  })

  test('needs a higher p for the same, the fewer attempts there are', () => {
    // Kolmogorov-Smirnov p = 0.97, Mann-Whitney p = 0.31: below 0.5708, above 0.1810.
    const shifted = ten.map((value) => value + 1.5)

    expect(compareAttempts(ten, shifted, 10)).toBe('unknown')
    expect(compareAttempts(ten, shifted, 16)).toBe('same')
  })

  test('adds attempts to one side, then the other, while it does not know', () => {
    const noisy = [...ten, ...range(0, 6)]
    const shifted = [...ten.map((value) => value + 2), ...range(40, 46)]

    expect(judgeByPinpoint(noisy, shifted)).toEqual({ call: 'regression', baselineRuns: 16, candidateRuns: 16 })
  })

  test('stays undecided when there are no more attempts', () => {
    const shifted = ten.map((value) => value + 2)

    expect(judgeByPinpoint(ten, shifted)).toEqual({ call: 'undecided', baselineRuns: 10, candidateRuns: 10 })
  })
})

describe('rustc-perf', () => {
  // Changes of 1 %, 1.98 %, 1.01 % and 2 %: Q1 = 1.005 %, Q3 = 1.990 %.
  const history = [100, 101, 99, 100, 102]

  test('takes the fence from absolute changes between neighbours', () => {
    const [q1, q3] = [(1 / 100 + 1 / 99) / 2, (2 / 101 + 2 / 100) / 2]

    expect(significanceThreshold(history)).toBeCloseTo(q3 + 3 * (q3 - q1), 12)
  })

  test('compares with the newest result in both directions', () => {
    expect([106, 107.2, 97, 96.8].map((value) => judgeByRustcPerf(history, value))).toEqual([
      'pass',
      'regression',
      'pass',
      'improvement'
    ])
  })
})

describe('Tango', () => {
  test('takes as many outliers from one end as from the other', () => {
    // Of 12: quartiles 3 and 9 (positions 3 and 8), fences at −6 and 18. One below, two above: one from each end.
    const values = Float64Array.from([-50, 1, 2, 3, 4, 5, 6, 7, 9, 10, 30, 40])

    expect(outlierBounds(values)).toEqual([1, 30])
  })

  test('takes none when one end has none', () => {
    expect(outlierBounds(Float64Array.from([1, 2, 3, 4, 5, 6, 7, 1000]))).toEqual([1, 1000])
  })

  test.each([
    // z = ±15.6 with 0.9 %; z = 71 with 0.41 %; z = 0.87 with 2 %.
    [[8, 10, 8, 10], 'regression'],
    [[-8, -10, -8, -10], 'improvement'],
    [[4, 4.2, 4, 4.2], 'pass'],
    [[60, -20, 60, -20], 'pass']
  ])('differences of %j to a baseline of 1000: %s', (differences, call) => {
    const pairs = differences.map((difference) => ({ baseline: 1000, candidate: 1000 + difference }))

    expect(judgeByTango(pairs)).toBe(call)
  })
})

describe('Bencher', () => {
  test('limits at the 99 % point of t around the mean', () => {
    // t(4; 0.99) = 3.7469; population standard deviation √2.
    expect(upperLimit([1, 2, 3, 4, 5])).toBeCloseTo(3 + 3.74695 * Math.SQRT2, 4)
  })

  test('alerts above the limit only', () => {
    expect([8.29, 8.31, -100].map((value) => judgeByBencher([1, 2, 3, 4, 5], value))).toEqual([
      'pass',
      'regression',
      'pass'
    ])
  })
})

describe('Perfherder', () => {
  test('weighs results near the change more', () => {
    // Means 5/3 and 13/3, both variances 5/9 over n − 1 = 1.
    expect(perfherderT([2, 1], [4, 5])).toBeCloseTo(8 / 3 / Math.sqrt(5 / 9), 12)
  })

  const back = Array.from({ length: 24 }, (_, index) => 100 + (index % 2))

  test.each([
    [back.slice(0, 12).map((value) => value + 10), 'regression'],
    [back.slice(0, 12).map((value) => value - 10), 'improvement'],
    // Clear, but 1.9 %.
    [back.slice(0, 12).map((value) => value + 1.9), 'pass'],
    [back.slice(0, 11).map((value) => value + 10), 'undecided']
  ])('against a steady history: %j', (fore, call) => {
    expect(judgeByPerfherder(back, fore)).toBe(call)
  })

  test('waits for twelve stored results', () => {
    expect(judgeByPerfherder(back.slice(0, 11), back.slice(0, 12))).toBe('undecided')
  })
})
