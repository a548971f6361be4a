import { FIRST_LOOK } from '#contracts/decision-design.ts'
import type { DecisionRules } from './decision-rules.ts'
import { MIN_WINDOWS_FOR_SLOPE, UNSTEADY_P_VALUE } from './judge-settings.ts'
import { median } from './quantile.ts'
import type { RoundStatistics } from './summarise-rounds.ts'
import { testMetric } from './test-rounds.ts'

/** The difference between the sides moves within the rounds: one of them was not warm. */
export interface Drift {
  /** Change of the p50 log ratio from the start of a round to its end; more than zero when the candidate gets slower. */
  readonly change: number
  readonly pValue: number
}

/**
 * Slope of neighbouring values against their number, times the length: the change from the first to the last. The medians of
 * the first and the last third give it (the resistant line of [Tukey1977], chapter 5), so single disturbed windows do not.
 * On recorded launches of identical code it scatters by 3.3 %, least squares by 4.0 % (docs/statistics.md "Steadiness").
 *
 * @returns null when there are too few values
 */
export function slopeOf(values: readonly number[]): number | null {
  if (values.length < MIN_WINDOWS_FOR_SLOPE) return null
  const third = Math.floor(values.length / 3)
  const distance = (values.length - third) / (values.length - 1)
  const slope = (median(values.slice(-third)) - median(values.slice(0, third))) / distance
  return Number.isFinite(slope) ? slope : null
}

/**
 * Tests over the rounds whether the paired signal drifts. docs/statistics.md "Steadiness".
 *
 * @param caseCount cases of the run; each has its share of the error
 * @returns null when it does not, or when it cannot be told
 */
export function findDrift(rounds: readonly RoundStatistics[], rules: DecisionRules, caseCount = 1): Drift | null {
  const slopes = rounds.map(({ slope }) => slope).filter((slope) => slope !== null)
  if (slopes.length < FIRST_LOOK) return null
  const test = testMetric('p95', slopes)
  const pValue = rules.pValueOf(test)
  return pValue < UNSTEADY_P_VALUE / caseCount ? { change: test.estimate, pValue } : null
}
