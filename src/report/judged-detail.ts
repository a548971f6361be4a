import { METRIC_FACTS } from '#contracts/metric.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import { describeMetric, nameMetricOfCase } from './describe-metric.ts'
import { drawIntervals } from './draw-intervals.ts'
import { formatLatencyWithin } from './format-quantity.ts'
import { METRIC_ORDER, type MetricOfCase, rowVerdict, sortWorstFirst } from './metric-rows.ts'
import type { ReportModel, ReportPicture, ReportPooled } from './report-parts.ts'

/** Sentences that stand open; the table above them has the others, too. */
const OPEN_SENTENCES_MAX = 6
/** Cases that are drawn; nobody scrolls through more. */
const PICTURES_MAX = 20

type Detail = Pick<ReportModel, 'sentences' | 'foldedSentences' | 'pictures' | 'pooledRows'>

/**
 * Every verdict as a sentence, as a picture and with its pooled latencies, worst first.
 *
 * @param told the metric that the headline tells of, which needs no second sentence
 */
export function describeDetail(metrics: readonly MetricOfCase[], told: MetricOfCase | null): Detail {
  const sorted = sortWorstFirst(metrics)
  const others = sorted.filter((metric) => metric.of !== told?.of || metric.comparison !== told.comparison)
  const open = new Set(others.filter((metric) => isNews(metric, told)).slice(0, OPEN_SENTENCES_MAX))
  const tell = (metric: MetricOfCase) => describeMetric(metric, nameMetricOfCase(metric))
  const cases = sortCases(sorted, told)
  return {
    sentences: [...open].map(tell),
    foldedSentences: others.filter((metric) => !open.has(metric)).map(tell),
    pictures: cases.flatMap(drawCase).slice(0, PICTURES_MAX),
    pooledRows: cases.flatMap(listPooled)
  }
}

/** What asks for attention, and the rest of an improvement that the headline tells of. */
function isNews(metric: MetricOfCase, told: MetricOfCase | null): boolean {
  const verdict = rowVerdict(metric)
  if (verdict === 'regression') return true
  if (verdict === 'inconclusive') return metric.comparison.interval !== null
  return verdict === 'improvement' && metric.of === told?.of
}

/** The case of the headline, then the others in the order of their worst row. */
function sortCases(sorted: readonly MetricOfCase[], told: MetricOfCase | null): readonly CaseComparison[] {
  return [...new Set([...(told === null ? [] : [told.of]), ...sorted.map(({ of }) => of)])]
}

/** Metrics of a case in the order of the tables. */
export function listInOrder(of: CaseComparison): readonly MetricOfCase[] {
  return of.metrics
    .toSorted((a, b) => METRIC_ORDER.indexOf(a.metric) - METRIC_ORDER.indexOf(b.metric))
    .map((comparison) => ({ of, comparison }))
}

function drawCase(of: CaseComparison): readonly ReportPicture[] {
  const lines = drawIntervals(listInOrder(of))
  return lines.length === 0 ? [] : [{ caseId: of.id, lines }]
}

function listPooled(of: CaseComparison): readonly ReportPooled[] {
  return listInOrder(of).flatMap(({ comparison }) => {
    const { metric, baseline, candidate, baselineInterval, candidateInterval } = comparison
    if (baselineInterval === null && candidateInterval === null) return []
    return {
      caseId: of.id,
      metric: METRIC_FACTS[metric].label,
      baseline: formatLatencyWithin(baseline, baselineInterval),
      candidate: formatLatencyWithin(candidate, candidateInterval)
    }
  })
}
