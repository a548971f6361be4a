import { toPlainText } from '#src/report/clean-text.ts'
import { describeMetric } from '#src/report/describe-metric.ts'
import { drawIntervals, PICTURE_LEGEND } from '#src/report/draw-intervals.ts'
import { explainReason } from '#src/report/explain-reason.ts'
import { formatCount, formatPlural } from '#src/report/format-quantity.ts'
import { listInOrder } from '#src/report/judged-detail.ts'
import { formatRow, type MetricOfCase } from '#src/report/metric-rows.ts'
import { describeNeeded } from '#src/report/needed-measuring.ts'
import { renderScenario } from '#src/report/render-terminal.ts'
import type { ReportScenario } from '#src/report/report-parts.ts'
import { describeScenarioFacts } from '#src/report/scenario-details.ts'
import type { CaseComparison, RunComparison } from '#stats/verdict.ts'
import { alignColumns } from './align-columns.ts'
import { makePrintable } from './make-printable.ts'

const HEADERS = ['metric', 'baseline', 'candidate', 'change', 'interval', 'verdict']
const MAX_NAMED_CASES = 3

const FOOTNOTE =
  'Baseline and candidate are pooled over all requests (slow requests: mean of the rounds). Change and interval come from paired rounds.'

/** Worst first. */
const CASE_ORDER: readonly CaseComparison['verdict'][] = ['regression', 'inconclusive', 'unchanged', 'improvement']

/**
 * A comparison as plain text for a terminal: one sentence with the verdict, then each case, worst first: its table, one
 * sentence per metric in the words of the reports, and where the intervals lie.
 */
export function renderComparison(comparison: RunComparison): string {
  const cases = comparison.cases.toSorted((a, b) => CASE_ORDER.indexOf(a.verdict) - CASE_ORDER.indexOf(b.verdict))
  const parts = [summarise(comparison), ...cases.map(renderCase)]
  if (cases.length > 0) parts.push(`${PICTURE_LEGEND}\n${FOOTNOTE}`)
  return `${parts.join('\n\n')}\n`
}

function summarise({ verdict, cases }: RunComparison): string {
  if (cases.length === 0) return 'Inconclusive: there is no case to judge.'
  const some = (wanted: CaseComparison['verdict']) => countCases(cases, wanted)
  switch (verdict) {
    case 'regression':
      return `Regression: ${some('regression')} got slower.`
    case 'mixed':
      return `Mixed: ${some('regression')} got slower, ${some('improvement')} got faster.`
    case 'improvement':
      return `Improvement: ${some('improvement')} got faster.`
    case 'unchanged': {
      const improved = cases.some((item) => item.verdict === 'improvement')
      return improved
        ? `Unchanged: nothing got slower; ${some('improvement')} got faster.`
        : 'Unchanged: every case stayed inside its limits.'
    }
    case 'inconclusive':
      return `Inconclusive: ${some('inconclusive')} could not be decided.`
    default:
      return verdict satisfies never
  }
}

function countCases(cases: readonly CaseComparison[], wanted: CaseComparison['verdict']): string {
  const names = cases.filter(({ verdict }) => verdict === wanted).map(({ id }) => makePrintable(id))
  const shown = names.slice(0, MAX_NAMED_CASES).join(', ')
  const more = names.length > MAX_NAMED_CASES ? ', …' : ''
  return `${names.length} of ${formatPlural(cases.length, 'case')} (${shown}${more})`
}

function renderCase(item: CaseComparison): string {
  const { id, verdict, reason, rounds, requests, warnings } = item
  const metrics = listInOrder(item)
  const picture = drawIntervals(metrics)
  return [
    `${makePrintable(id)}: ${verdict}${reason === null ? '' : `, ${toPlainText(explainReason(reason))}`}`,
    `  ${formatPlural(rounds, 'round')}, ${formatCount(requests.baseline)} baseline and ${formatCount(requests.candidate)} candidate requests`,
    ...alignColumns([HEADERS, ...metrics.map(renderMetric)], 'free'),
    ...(picture.length === 0 ? [] : ['', ...picture.map((line) => `  ${line}`)]),
    ...describeScenarioFacts(item, undefined).flatMap(renderFacts),
    ...(metrics.length === 0 ? [] : ['']),
    ...metrics.map((metric) => `  - ${toPlainText(describeMetric(metric))}`),
    ...describeNeeded(item).map((line) => `  - ${toPlainText(line)}`),
    ...warnings.map((warning) => `  ! ${makePrintable(warning)}`)
  ].join('\n')
}

/** Without its first line, which names the case again. */
function renderFacts(scenario: ReportScenario): readonly string[] {
  const [, ...lines] = renderScenario(scenario)
  return ['', ...lines.map((line) => (line === '' ? '' : `  ${line}`))]
}

function renderMetric(metric: MetricOfCase): string[] {
  const { metric: name, baseline, candidate, change, interval, verdictText } = formatRow(metric)
  return [name, baseline, candidate, change, interval, verdictText]
}
