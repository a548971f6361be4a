import tQuantile from '@stdlib/stats-base-dists-t-quantile'
import { METRIC_FACTS, type Metric } from '#contracts/metric.ts'
import type { Assessment } from './assess-case.ts'
import type { DecisionRules } from './decision-rules.ts'
import { DETECTION_POWER, FLOORED_METRICS, marginOf } from './judge-settings.ts'
import type { Drift } from './measure-drift.ts'
import type { RoundTest } from './test-rounds.ts'
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
  /** Two-sided, as the design counts it; null when not tested. */
  readonly pValue: number | null
  /** With 80 % power at the strictest step of Holm's procedure; null when not tested, or when no change could be seen yet. */
  readonly smallestDetectable: number | null
}

export interface MetricTerms {
  readonly threshold: number
  readonly rules: DecisionRules
  /** How the sides move within the rounds, when they do. */
  readonly drift?: Drift | null
  /** After Holm's correction over the run. */
  readonly significant: boolean
  /** Tests in the run. */
  readonly testCount: number
  readonly absoluteFloorNs: number
}

type Decision = Pick<DecidedMetric, 'verdict' | 'reason'>

/** The verdict on one metric. docs/statistics.md "Deciding". */
export function decideMetric(assessment: Assessment, terms: MetricTerms): DecidedMetric {
  const common = { metric: assessment.metric, assessment, threshold: terms.threshold }
  if (assessment.kind !== 'tested') {
    const verdict = assessment.kind === 'not_assessed' ? 'not_assessed' : 'inconclusive'
    const nothing = { significant: false, bounds: null, pValue: null, smallestDetectable: null }
    return { ...common, ...nothing, verdict, reason: assessment.reason }
  }
  const { test } = assessment
  const halfWidth = terms.rules.halfWidthOf(test)
  const bounds = [test.estimate - halfWidth, test.estimate + halfWidth] as const
  return {
    ...common,
    ...decideSteadily(assessment, terms, bounds),
    significant: terms.significant,
    bounds,
    pValue: terms.rules.pValueOf(test),
    smallestDetectable: findSmallestDetectable(test, terms)
  }
}

function findSmallestDetectable(test: RoundTest, { rules, testCount }: MetricTerms): number | null {
  const margin = tQuantile(DETECTION_POWER, test.degreesOfFreedom) * test.standardError
  const smallest = rules.criticalOf(test, testCount) + margin
  return Number.isFinite(smallest) ? smallest : null
}

/**
 * A verdict stands only if it would be the same where the drift leads to: with all of it added once more, which is the
 * difference at the end of a round and half as much again. A candidate that warms up too slowly is no regression; one that
 * gets slower and slower is.
 */
function decideSteadily(
  assessment: Extract<Assessment, { kind: 'tested' }>,
  terms: MetricTerms,
  bounds: readonly [number, number]
): Decision {
  const decision = decideTested(assessment, terms, bounds)
  if (!terms.drift || decision.verdict === 'inconclusive') return decision
  const { test, metric } = assessment
  const shift = shiftOf(metric, test.estimate, terms.drift)
  const led = { ...assessment, test: { ...test, estimate: test.estimate + shift } }
  const later = decideTested(led, terms, [bounds[0] + shift, bounds[1] + shift])
  if (later.verdict === decision.verdict) return decision
  return { verdict: 'inconclusive', reason: { kind: 'not_steady', pValue: terms.drift.pValue } }
}

/** A share has another unit than the drift: what the drift may explain of it is not known, so it may be all. */
function shiftOf(metric: Metric, estimate: number, { change }: Drift): number {
  if (METRIC_FACTS[metric].change === 'ratio') return change
  return Math.sign(change) === -Math.sign(estimate) ? -estimate : 0
}

/**
 * Regression and improvement are each decided from their own condition; "not significant" is never "unchanged". A
 * significant change whose interval stays inside the margin is real but does not matter: unchanged.
 */
function decideTested(
  assessment: Extract<Assessment, { kind: 'tested' }>,
  terms: MetricTerms,
  [low, high]: readonly [number, number]
): Decision {
  const margin = marginOf(assessment.metric, terms.threshold)
  const { estimate } = assessment.test
  const matters = terms.significant && Math.abs(estimate) >= margin
  if (matters && isBelowFloor(assessment, terms.absoluteFloorNs)) {
    return { verdict: 'inconclusive', reason: { kind: 'below_absolute_floor', floorNs: terms.absoluteFloorNs } }
  }
  if (matters && estimate > 0) return { verdict: 'regression', reason: null }
  if (matters && estimate < 0) return { verdict: 'improvement', reason: null }
  if (low > -margin && high < margin) return { verdict: 'unchanged', reason: null }
  const isBeyond = low >= margin || high <= -margin
  if (isBeyond) return { verdict: 'inconclusive', reason: { kind: 'not_significant', comparisons: terms.testCount } }
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
