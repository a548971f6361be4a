import type { Metric } from '#contracts/metric.ts'
import type { CaseComparison, MetricComparison, Verdict } from '#stats/verdict.ts'
import type { JudgedChange } from './diagnosis.ts'

/** A metric with its change and interval; null where it was not measured or could not be assessed. */
export interface JudgedMetric {
  readonly verdict: Verdict
  readonly change: JudgedChange
}

export function findJudged(comparison: CaseComparison, metric: Metric): JudgedMetric | null {
  const found = comparison.metrics.find((candidate) => candidate.metric === metric)
  return found === undefined ? null : toJudged(comparison.id, found)
}

/** All metrics that regressed or improved. */
export function listMoved({ id, metrics }: CaseComparison): JudgedChange[] {
  return metrics.filter(({ verdict }) => isMove(verdict)).flatMap((metric) => toJudged(id, metric)?.change ?? [])
}

export function isMove(verdict: MetricComparison['verdict']): boolean {
  return verdict === 'regression' || verdict === 'improvement'
}

function toJudged(
  caseId: string,
  { metric, relativeChange, interval, verdict }: MetricComparison
): JudgedMetric | null {
  if (relativeChange === null || interval === null || verdict === 'not_assessed') return null
  return { verdict, change: { caseId, metric, change: relativeChange, interval } }
}
