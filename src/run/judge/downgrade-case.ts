import type { CaseComparison, InconclusiveReason, MetricComparison } from '#stats/verdict.ts'

/**
 * Takes back what was found in a case that cannot be trusted: it proves neither a difference nor the lack of one. Estimates
 * and intervals stay to be seen.
 *
 * @param keepsReason whether a case that is inconclusive already keeps its own reason
 */
export function downgradeCase(
  item: CaseComparison,
  reason: InconclusiveReason,
  keepsReason: (own: InconclusiveReason | null) => boolean
): CaseComparison {
  const metrics = item.metrics.map((metric) => downgradeMetric(metric, reason))
  if (item.verdict === 'inconclusive' && keepsReason(item.reason)) return { ...item, metrics }
  return { ...item, verdict: 'inconclusive', reason, metrics }
}

function downgradeMetric(metric: MetricComparison, reason: InconclusiveReason): MetricComparison {
  switch (metric.verdict) {
    case 'regression':
    case 'improvement':
    case 'unchanged':
      return { ...metric, verdict: 'inconclusive', reason }
    case 'inconclusive':
    case 'not_assessed':
      return metric
    default:
      return metric.verdict satisfies never
  }
}
