import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf'
import { FIRST_LOOK } from '#contracts/decision-design.ts'
import type { Metric } from '#contracts/metric.ts'
import { testMetric } from './test-rounds.ts'

/** One comparison of a calibration: the rounds of the first look. docs/statistics.md "Calibration". */
export const COMPARISON_ROUNDS = FIRST_LOOK

/** The error of one uncorrected test. docs/statistics.md "Calibration". */
export const COMPARISON_ALPHA = 0.05

/**
 * Probability that a valid machine has too many false alarms in any metric of any case. 4 of 20 in one metric is the written
 * rule, and P(Bin(20, 0.05) ≥ 4) = 1.6 %. docs/statistics.md "Calibration".
 */
export const DISTRUST_ALPHA = 0.016

export interface FalseAlarms {
  readonly comparisons: number
  readonly falseAlarms: number
}

/**
 * Cuts the rounds of identical code into disjoint comparisons and counts those that one uncorrected test takes for a
 * difference, slower or faster. Rounds that do not fill a comparison are left over.
 */
export function countFalseAlarms(metric: Metric, slowdowns: readonly number[]): FalseAlarms {
  const comparisons = Math.floor(slowdowns.length / COMPARISON_ROUNDS)
  let falseAlarms = 0
  for (let index = 0; index < comparisons; index += 1) {
    const rounds = slowdowns.slice(index * COMPARISON_ROUNDS, (index + 1) * COMPARISON_ROUNDS)
    if (testMetric(metric, rounds).pValue < COMPARISON_ALPHA) falseAlarms += 1
  }
  return { comparisons, falseAlarms }
}

/**
 * The least number of false alarms that chance does not explain: the smallest k with P(Bin(comparisons, 0.05) ≥ k) at most
 * 1.6 % / tests. Whatever the tests have in common, a valid machine then reaches its k in any of them with at most 1.6 %.
 *
 * @param tests metrics × cases of the calibration
 * @returns null where even all comparisons could be chance
 */
export function alarmsToDistrust(comparisons: number, tests: number): number | null {
  for (let alarms = 1; alarms <= comparisons; alarms += 1) {
    if (alarmProbability(comparisons, alarms) <= DISTRUST_ALPHA / tests) return alarms
  }
  return null
}

/** P(Bin(comparisons, 0.05) ≥ alarms). */
export function alarmProbability(comparisons: number, alarms: number): number {
  return alarms <= 0 ? 1 : 1 - binomialCdf(alarms - 1, comparisons, COMPARISON_ALPHA)
}
