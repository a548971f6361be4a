import { decidingMetricsOf } from '#contracts/metric.ts'
import type { DecidedMetric } from './decide-metric.ts'
import type { DecidedCase } from './decide-run.ts'
import type { DecisionRules } from './decision-rules.ts'
import { marginOf } from './judge-settings.ts'
import { projectTest, type RoundTest } from './test-rounds.ts'

export interface Horizon {
  readonly roundsDone: number
  readonly lastLook: number
  readonly rules: DecisionRules
}

/**
 * How far an estimate may still move by the last look, in its present standard errors. Chosen by simulation
 * (test/stats/forecast.test.ts has a small one): with 2, Gaussian rounds of 1 to 10 % spread and effects of 0 to 12 % lost
 * at most 0.1 % of runs that more rounds would have called a regression and 1.4 % that would have passed; resampled recorded
 * rounds lost at most 0.3 % and 0.1 %.
 */
const DRIFT_STANDARD_ERRORS = 2

const MIN_ROUNDS_TO_FORECAST = 9

/**
 * Whether measuring on is pointless for one case: it cannot pass even if its estimate came out at zero, and none of its metrics
 * can still be called a regression. docs/statistics.md "Deciding" 6. Before nine rounds the spread is too uncertain to tell.
 *
 * @param testCount tests in the whole run
 */
export function isOutOfReach(decided: DecidedCase, testCount: number, horizon: Horizon): boolean {
  if (horizon.roundsDone < MIN_ROUNDS_TO_FORECAST) return false
  const mayRegress = decided.metrics.some((metric) => mayStillBeCalled(metric, 'slower', testCount, horizon))
  return !mayRegress && cannotPass(decided, testCount, horizon)
}

function cannotPass(decided: DecidedCase, testCount: number, horizon: Horizon): boolean {
  if (decided.reason?.kind === 'error_rates_differ' || decided.reason?.kind === 'not_steady') return true
  return decided.metrics.some(
    (metric) =>
      decidingMetricsOf(decided.scenario).includes(metric.metric) &&
      isTooWide(metric, horizon) &&
      !mayStillBeCalled(metric, 'faster', testCount, horizon)
  )
}

function isTooWide(decided: DecidedMetric, horizon: Horizon): boolean {
  if (decided.assessment.kind !== 'tested') return false
  const halfWidth = horizon.rules.halfWidthOf(atLastLook(decided.metric, decided.assessment.test, horizon))
  return halfWidth > marginOf(decided.metric, decided.threshold)
}

/** Whether the metric can still become significant and reach its margin, taking the most that the estimate may drift. */
function mayStillBeCalled(
  decided: DecidedMetric,
  direction: 'slower' | 'faster',
  testCount: number,
  horizon: Horizon
): boolean {
  if (decided.assessment.kind !== 'tested') return false
  const { test } = decided.assessment
  const towards = direction === 'slower' ? test.estimate : -test.estimate
  const furthest = towards + DRIFT_STANDARD_ERRORS * test.standardError
  const critical = horizon.rules.criticalOf(atLastLook(decided.metric, test, horizon), testCount)
  return furthest >= marginOf(decided.metric, decided.threshold) && furthest >= critical
}

function atLastLook(metric: DecidedMetric['metric'], test: RoundTest, horizon: Horizon): RoundTest {
  return projectTest(metric, test, horizon.roundsDone, horizon.lastLook)
}
