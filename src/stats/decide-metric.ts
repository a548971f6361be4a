import tQuantile from '@stdlib/stats-base-dists-t-quantile'
import type { Metric } from '#contracts/metric.ts'
import type { Assessment } from './assess-case.ts'
import { DETECTION_POWER, FLOORED_METRICS, marginOf } from './judge-settings.ts'
import { boundsOf } from './test-rounds.ts'
import type { InconclusiveReason, Verdict } from './verdict.ts'

/** A tested metric with its verdict. All changes are on the scale of the test: more than zero is slower. */
export interface DecidedMetric {
  readonly metric: Metric
  readonly assessment: Assessment
  readonly threshold: number
  readonly verdict: Verdict | 'not_assessed'
  readonly reason: InconclusiveReason | null
  readonly significant: boolean
  readonly bounds: readonly [low: number, high: number] | null
  /** With 80 % power at the strictest step of Holm's procedure; null when not tested. */
  readonly smallestDetectable: number | null
}

export interface MetricRules {
  readonly threshold: number
  readonly gamma: number
  /** After Holm's correction over the run. */
  readonly significant: boolean
  /** Tests in the run. */
  readonly testCount: number
  readonly absoluteFloorNs: number
}

type Decision = Pick<DecidedMetric, 'verdict' | 'reason'>

/** The verdict on one metric. docs/statistics.md "Deciding". */
export function decideMetric(assessment: Assessment, rules: MetricRules): DecidedMetric {
  const common = { metric: assessment.metric, assessment, threshold: rules.threshold }
  if (assessment.kind !== 'tested') {
    const verdict = assessment.kind === 'not_assessed' ? 'not_assessed' : 'inconclusive'
    return { ...common, verdict, reason: assessment.reason, significant: false, bounds: null, smallestDetectable: null }
  }
  const { test } = assessment
  const bounds = boundsOf(test, rules.gamma)
  const perTest = rules.gamma / rules.testCount
  const tSum = tQuantile(1 - perTest / 2, test.degreesOfFreedom) + tQuantile(DETECTION_POWER, test.degreesOfFreedom)
  return {
    ...common,
    ...decideTested(assessment, rules, bounds),
    significant: rules.significant,
    bounds,
    smallestDetectable: tSum * test.standardError
  }
}

/**
 * Regression and improvement are each decided from their own condition; "not significant" is never "unchanged". A
 * significant change whose interval stays inside the margin is real but does not matter: unchanged.
 */
function decideTested(
  assessment: Extract<Assessment, { kind: 'tested' }>,
  rules: MetricRules,
  [low, high]: readonly [number, number]
): Decision {
  const margin = marginOf(assessment.metric, rules.threshold)
  const { estimate } = assessment.test
  const matters = rules.significant && Math.abs(estimate) >= margin
  if (matters && isBelowFloor(assessment, rules.absoluteFloorNs)) {
    return { verdict: 'inconclusive', reason: { kind: 'below_absolute_floor', floorNs: rules.absoluteFloorNs } }
  }
  if (matters && estimate > 0) return { verdict: 'regression', reason: null }
  if (matters && estimate < 0) return { verdict: 'improvement', reason: null }
  if (low > -margin && high < margin) return { verdict: 'unchanged', reason: null }
  const isBeyond = low >= margin || high <= -margin
  if (isBeyond) return { verdict: 'inconclusive', reason: { kind: 'not_significant', comparisons: rules.testCount } }
  return { verdict: 'inconclusive', reason: { kind: 'straddles_margin' } }
}

/**
 * Two latencies with ratio e^x and geometric mean g differ by 2·g·sinh(x / 2); taking g of both sides instead of the
 * baseline keeps the answer the same when the sides are swapped.
 */
function isBelowFloor(assessment: Extract<Assessment, { kind: 'tested' }>, absoluteFloorNs: number): boolean {
  if (!FLOORED_METRICS.has(assessment.metric)) return false
  return 2 * assessment.level * Math.sinh(Math.abs(assessment.test.estimate) / 2) < absoluteFloorNs
}
