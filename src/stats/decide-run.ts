import { decidingMetricsOf, leadMetricOf } from '#contracts/metric.ts'
import type { ScenarioKind } from '#contracts/scenario.ts'
import { type AssessedCase, assessCase, type CaseRounds } from './assess-case.ts'
import { type DecidedMetric, decideMetric } from './decide-metric.ts'
import { rulesOf } from './decision-rules.ts'
import { rejectByHolm } from './holm.ts'
import { DEFAULT_ABSOLUTE_FLOOR_NS, type JudgeOptions, thresholdOf } from './judge-settings.ts'
import { type Drift, findDrift } from './measure-drift.ts'
import type { InconclusiveReason, RunComparison, Verdict } from './verdict.ts'

export interface DecidedCase extends AssessedCase {
  readonly verdict: Verdict
  readonly reason: InconclusiveReason | null
  readonly metrics: readonly DecidedMetric[]
  readonly drift: Drift | null
}

export interface DecidedRun {
  readonly verdict: RunComparison['verdict']
  readonly cases: readonly DecidedCase[]
  /** Metrics × cases that were tested; Holm's procedure corrects for them. */
  readonly testCount: number
}

/** Decides every metric and case of a run from its rounds. Holm's correction spans all of them: give all cases at once. */
export function decideRun(cases: readonly CaseRounds[], options: JudgeOptions = {}): DecidedRun {
  const rules = rulesOf(options.design)
  const absoluteFloorNs = options.absoluteFloorNs ?? DEFAULT_ABSOLUTE_FLOOR_NS
  const assessed = cases.map(assessCase)
  const tested = assessed.flatMap((item) => item.assessments).filter((assessment) => assessment.kind === 'tested')
  const rejected = rejectByHolm(
    tested.map(({ test }) => rules.pValueOf(test)),
    rules.level
  )
  const significant = new Set(tested.filter((_, index) => rejected[index]))
  const decided = assessed.map((item, index) => {
    const drift = findDrift(cases[index]?.rounds ?? [], rules, cases.length)
    const metrics = item.assessments.map((assessment) =>
      decideMetric(assessment, {
        threshold: thresholdOf(assessment.metric, item.thresholds),
        rules,
        drift,
        significant: assessment.kind === 'tested' && significant.has(assessment),
        testCount: tested.length,
        absoluteFloorNs
      })
    )
    return { ...item, ...decideCase(metrics, item.scenario), metrics, drift }
  })
  return { verdict: decideRunVerdict(decided.map(({ verdict }) => verdict)), cases: decided, testCount: tested.length }
}

/**
 * - One metric that got worse makes the case a regression, whatever else got better: a faster median does not pay for a
 *   slower tail.
 * - Otherwise the deciding metrics (of a closed loop: p50, throughput and p95) must each be known. The first that is not gives
 *   the reason. One that is not assessed because the model is too slow for its windows does not block; the lead metric (p50)
 *   is always needed.
 * - The others (p99 and slow share) may be unknown; where they improved, that counts. What a drift may have made of them has to be known.
 */
function decideCase(
  metrics: readonly DecidedMetric[],
  scenario: ScenarioKind | undefined
): Pick<DecidedCase, 'verdict' | 'reason'> {
  if (metrics.some(({ verdict }) => verdict === 'regression')) return { verdict: 'regression', reason: null }
  const blocking = metrics.find(
    ({ metric, verdict, reason }) =>
      (decidingMetricsOf(scenario).includes(metric) && verdict === 'inconclusive') ||
      (metric === leadMetricOf(scenario) && verdict === 'not_assessed') ||
      reason?.kind === 'not_steady'
  )
  if (blocking !== undefined) return { verdict: 'inconclusive', reason: blocking.reason }
  const improved = metrics.some(({ verdict }) => verdict === 'improvement')
  return { verdict: improved ? 'improvement' : 'unchanged', reason: null }
}

/**
 * The worst of the cases; from worst to best: regression, inconclusive, unchanged, improvement. Improved and regressed cases
 * together are `mixed`. A run without cases says nothing.
 */
export function decideRunVerdict(verdicts: readonly Verdict[]): RunComparison['verdict'] {
  const seen = new Set(verdicts)
  if (seen.has('regression')) return seen.has('improvement') ? 'mixed' : 'regression'
  if (seen.has('inconclusive') || seen.size === 0) return 'inconclusive'
  return seen.has('unchanged') ? 'unchanged' : 'improvement'
}
