import { describe, expect, it } from 'vitest'
import { halfWidthOf, projectTest, testMean, testMetric, testTrimmedMean } from '#stats/test-rounds.ts'

/** Extra sleep of ten patients under two drugs, paired differences [Student1908], table on p. 20. */
const SLEEP = [1.2, 2.4, 1.3, 1.3, 0, 1.0, 1.8, 0.8, 4.6, 1.4]

describe('testMean', () => {
  it('agrees with R’s t.test on Student’s sleep data', () => {
    // R: t.test(extra ~ group, sleep, paired = TRUE): t = 4.0621, df = 9, p = 0.002833, 95 % interval 0.7001142 to 2.4598858
    const test = testMean(SLEEP)

    expect(test.estimate).toBeCloseTo(1.58, 12)
    expect(test.estimate / test.standardError).toBeCloseTo(4.0621, 4)
    expect(test.degreesOfFreedom).toBe(9)
    expect(test.pValue).toBeCloseTo(0.002833, 6)
    const halfWidth = halfWidthOf(test, 0.025)
    expect(test.estimate - halfWidth).toBeCloseTo(0.7001142, 6)
    expect(test.estimate + halfWidth).toBeCloseTo(2.4598858, 6)
  })

  it('calls rounds that differ only by rounding no difference', () => {
    const test = testMean([1e-16, 2e-16, 1e-16, 3e-16, 1e-16, 2e-16])

    expect(test.pValue).toBeGreaterThan(0.99)
  })

  it('is certain when all rounds agree on a difference', () => {
    const test = testMean([0.05, 0.05, 0.05, 0.05, 0.05, 0.05])

    expect(test.pValue).toBeLessThan(1e-40)
    expect(test.estimate - halfWidthOf(test, 0.016)).toBeCloseTo(0.05, 9)
  })
})

describe('testTrimmedMean', () => {
  it('agrees with a calculation by hand', () => {
    // g = 1 of 10; kept 0.8 … 2.4 with mean 11.2 / 8; winsorised sum of squares 3.084; se = √(3.084 / (8 · 7)).
    const test = testTrimmedMean(SLEEP)

    expect(test.estimate).toBeCloseTo(1.4, 12)
    expect(test.standardError).toBeCloseTo(Math.sqrt(3.084 / 56), 12)
    expect(test.degreesOfFreedom).toBe(7)
  })

  it('gives the parts of Yuen’s two-sample statistic in SciPy’s documentation', () => {
    // scipy.stats.ttest_ind(a, b, trim=.2) documents 3.4463884028073513. With 20 % of 7 one value is trimmed from each end
    // of a; none of the 3 in b. The statistic pools the sums of squares over h_a + h_b − 2 = 6.
    const a = testTrimmedMean([56, 128.6, 12, 123.8, 64.34, 78, 763.3], 0.2)
    const b = testMean([1.1, 2.9, 4.2])
    const squares = a.standardError ** 2 * 5 * 4 + b.standardError ** 2 * 3 * 2
    const statistic = (a.estimate - b.estimate) / Math.sqrt((squares / 6) * (1 / 5 + 1 / 3))

    expect(statistic).toBeCloseTo(3.4463884028073513, 10)
  })

  it('is not moved by one wild round', () => {
    const calm = testTrimmedMean([1, 2, 3, 4, 5, 6, 7, 8, 9])
    const wild = testTrimmedMean([1, 2, 3, 4, 5, 6, 7, 8, 900])

    expect(wild).toEqual(calm)
  })
})

describe('testMetric', () => {
  const eight = [1, 2, 3, 4, 5, 6, 7, 80]
  const nine = [...eight, 2]

  it('trims throughput, p95 and p99 from nine rounds on', () => {
    for (const metric of ['throughput', 'p95', 'p99'] as const) {
      expect(testMetric(metric, eight)).toEqual(testMean(eight))
      expect(testMetric(metric, nine)).toEqual(testTrimmedMean(nine))
    }
  })

  it('never trims slow share, which is bounded', () => {
    expect(testMetric('slow_share', nine)).toEqual(testMean(nine))
  })
})

describe('projectTest', () => {
  it('shrinks the error with the square root of the rounds and adds their degrees of freedom', () => {
    const test = testMean([1, 2, 3, 4])

    const later = projectTest('slow_share', test, 4, 16)

    expect(later.standardError).toBeCloseTo(test.standardError / 2, 12)
    expect(later.degreesOfFreedom).toBe(15)
    expect(projectTest('p95', test, 4, 16).degreesOfFreedom).toBe(16 - 2 * 2 - 1)
  })
})
