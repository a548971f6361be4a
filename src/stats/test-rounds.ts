import tCdf from '@stdlib/stats-base-dists-t-cdf'
import tQuantile from '@stdlib/stats-base-dists-t-quantile'
import type { Metric } from '#contracts/metric.ts'
import { MIN_ROUNDS_TO_TRIM, TRIMMED_METRICS } from './judge-settings.ts'

/** Test of "no difference" over the rounds of one metric. */
export interface RoundTest {
  readonly estimate: number
  readonly standardError: number
  readonly degreesOfFreedom: number
  /** Two-sided. */
  readonly pValue: number
}

/** Share of rounds trimmed from each end. docs/statistics.md "Deciding". */
const TRIM_SHARE = 0.15

/**
 * Least standard error. Differences of logarithms of equal numbers carry rounding noise of about 1e-15; without this,
 * rounds that agree to the last bit but one would be "significant".
 */
const ROUNDING_ERROR = 1e-12

/** The test for one metric: trimmed where tails are heavy and rounds suffice, else the t test. Needs two values. */
export function testMetric(metric: Metric, slowdowns: readonly number[]): RoundTest {
  return trims(metric, slowdowns.length) ? testTrimmedMean(slowdowns) : testMean(slowdowns)
}

/** The same test after more rounds, if they scatter as those so far did: se shrinks with √rounds, df grows. */
export function projectTest(metric: Metric, test: RoundTest, rounds: number, laterRounds: number): RoundTest {
  const degreesOfFreedom = trims(metric, laterRounds)
    ? laterRounds - 2 * trimCount(laterRounds, TRIM_SHARE) - 1
    : laterRounds - 1
  const standardError = test.standardError * Math.sqrt(rounds / laterRounds)
  return completeTest(test.estimate, standardError, degreesOfFreedom)
}

/** One-sample t test against zero [Student1908]. Values are summed in ascending order: their order changes nothing. */
export function testMean(values: readonly number[]): RoundTest {
  const sorted = Float64Array.from(values).sort()
  const estimate = meanOf(sorted)
  const standardError = Math.sqrt(sumOfSquares(sorted, estimate) / (sorted.length - 1) / sorted.length)
  return completeTest(estimate, standardError, sorted.length - 1)
}

/**
 * One-sample test of the trimmed mean against zero with the standard error of [Yuen1974]: with g values trimmed from each
 * end and h = n − 2g left, se = √(winsorised sum of squares / (h(h − 1))), df = h − 1. At least one value is trimmed from
 * each end.
 */
export function testTrimmedMean(values: readonly number[], trimShare: number = TRIM_SHARE): RoundTest {
  const sorted = Float64Array.from(values).sort()
  const trimmed = trimCount(sorted.length, trimShare)
  const kept = sorted.subarray(trimmed, sorted.length - trimmed)
  const winsorised = sorted.slice()
  winsorised.fill(kept[0] ?? Number.NaN, 0, trimmed)
  winsorised.fill(kept[kept.length - 1] ?? Number.NaN, sorted.length - trimmed)
  const spread = sumOfSquares(winsorised, meanOf(winsorised))
  const standardError = Math.sqrt(spread / (kept.length * (kept.length - 1)))
  return completeTest(meanOf(kept), standardError, kept.length - 1)
}

/** t(df; 1 − γ) · se: so far from the estimate stand two one-sided bounds, each wrong with probability `gamma`. */
export function halfWidthOf(test: RoundTest, gamma: number): number {
  return tQuantile(1 - gamma, test.degreesOfFreedom) * test.standardError
}

function trims(metric: Metric, rounds: number): boolean {
  return TRIMMED_METRICS.has(metric) && rounds >= MIN_ROUNDS_TO_TRIM
}

function trimCount(rounds: number, trimShare: number): number {
  return Math.max(1, Math.floor(trimShare * rounds))
}

function completeTest(estimate: number, spread: number, degreesOfFreedom: number): RoundTest {
  const standardError = Math.max(spread, ROUNDING_ERROR)
  const pValue = 2 * tCdf(-Math.abs(estimate) / standardError, degreesOfFreedom)
  return { estimate, standardError, degreesOfFreedom, pValue }
}

function meanOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

function sumOfSquares(values: Float64Array, center: number): number {
  let sum = 0
  for (const value of values) sum += (value - center) ** 2
  return sum
}
