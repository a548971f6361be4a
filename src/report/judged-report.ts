import type { CaseComparison } from '#stats/verdict.ts'
import { concludeOutcome } from './conclusion.ts'
import { warnOfCalibration } from './describe-calibration.ts'
import { describeFailure } from './describe-failure.ts'
import {
  describeCase,
  describeCommits,
  describeIdentity,
  describeMeasuring,
  describeReproduction,
  describeSkipped
} from './describe-run.ts'
import { describeFailingMore, listFailingMore } from './failing-requests.ts'
import { formatPlural } from './format-quantity.ts'
import { describeDetail } from './judged-detail.ts'
import { describeHeadline } from './judged-headline.ts'
import { describeNextSteps, describeReasons } from './judged-reasons.ts'
import { formatRow, listMetrics, type MetricOfCase, rowVerdict, sortWorstFirst } from './metric-rows.ts'
import type { RunIdentity, SkippedCase } from './outcome.ts'
import { emptyReport, type ReportModel } from './report-parts.ts'
import { code, joinList, prose, type RichText } from './rich-text.ts'
import { isNewModel, type Judged, listUnmeasured } from './unmeasured.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

/** Up to this many rows are shown as they are; from there on the quiet ones are folded away. */
const ROWS_UNFOLDED_MAX = 12
/** Most rows that stand open when there are many. */
const OPEN_ROWS_MAX = 20
/** Rows that stand open when not one of many is news. */
const OPEN_QUIET_ROWS = 4
const POLICY_EDITS_SHOWN_MAX = 10
const CAVEATS_SHOWN_MAX = 3

/** The report of a run that was measured and judged. */
export function buildJudgedReport(identity: RunIdentity, outcome: Judged): ReportModel {
  const { comparison } = outcome
  const measured = new Map(comparison.cases.map((item) => [item.id, item]))
  const facts = new Map(outcome.measured.map((item) => [item.caseId, item]))
  const unmeasured = listUnmeasured(outcome)
  const reproduce = describeReproduction(identity)
  const { told, ...headline } = describeHeadline(outcome)
  const newModels = unmeasured.filter(isNewModel).map(({ caseId, failure }): SkippedCase => {
    return { id: caseId ?? '', why: 'added', detail: failure.message }
  })
  return {
    ...emptyReport({
      conclusion: concludeOutcome(outcome),
      commits: describeCommits(identity),
      ...headline,
      nextSteps: describeNextSteps(outcome, reproduce !== null),
      facts: [...describeIdentity(identity), ...describeMeasuring(outcome)]
    }),
    ...splitRows(comparison.cases),
    ...describeDetail(listMetrics(comparison.cases), told),
    notes: describeNotes(identity, outcome),
    reasons: describeReasons(outcome),
    failures: unmeasured
      .filter((item) => !isNewModel(item))
      .map(({ caseId, failure }) => describeFailure(caseId, failure)),
    cases: sortCases(outcome).map((spec) => describeCase(spec, measured.get(spec.id), facts.get(spec.id))),
    skipped: [...newModels, ...outcome.skipped].map(describeSkipped),
    warnings: listWarnings(outcome),
    reproduce
  }
}

/** The worker's first: they are about what was measured. */
function listWarnings({ comparison, measured }: Judged): readonly RichText[] {
  const all = [...measured.map(({ caseId, warnings }) => ({ id: caseId, warnings })), ...comparison.cases]
  return all.flatMap(({ id, warnings }) =>
    warnings.map((warning) => prose`${code(id)}: ${proseFromUntrusted(warning)}`)
  )
}

/** Cases in the order of their worst row. */
function sortCases({ cases, comparison }: Judged): Judged['cases'] {
  const worstFirst = [...new Set(sortWorstFirst(listMetrics(comparison.cases)).map(({ of }) => of.id))]
  const position = new Map(worstFirst.map((id, index) => [id, index]))
  return [...cases].sort((a, b) => (position.get(a.id) ?? Infinity) - (position.get(b.id) ?? Infinity) || 0)
}

function splitRows(
  cases: readonly CaseComparison[]
): Pick<ReportModel, 'rows' | 'foldedRows' | 'foldedTitle' | 'slowShareRows'> {
  const all = listMetrics(cases)
  const main = sortWorstFirst(all.filter((metric) => !isQuietSlowShare(metric)))
  const slowShareRows = sortWorstFirst(all.filter(isQuietSlowShare)).map(formatRow)
  if (main.length <= ROWS_UNFOLDED_MAX) {
    return { rows: main.map(formatRow), foldedRows: [], foldedTitle: '', slowShareRows }
  }
  const news = main.filter((metric) => !isQuiet(metric)).slice(0, OPEN_ROWS_MAX)
  const open = new Set(news.length > 0 ? news : main.slice(0, OPEN_QUIET_ROWS))
  const folded = main.filter((metric) => !open.has(metric))
  const count = formatPlural(folded.length, 'more row')
  return {
    rows: main.filter((metric) => open.has(metric)).map(formatRow),
    foldedRows: folded.map(formatRow),
    foldedTitle: folded.every(isQuiet) ? `${count} without a change beyond the limit` : count,
    slowShareRows
  }
}

function isQuiet(metric: MetricOfCase): boolean {
  const verdict = rowVerdict(metric)
  return verdict === 'unchanged' || verdict === 'bounded' || verdict === 'not_assessed'
}

/** The slow share stands in the main table only when it has something to say. */
function isQuietSlowShare(metric: MetricOfCase): boolean {
  const { comparison } = metric
  const called = comparison.verdict === 'regression' || comparison.verdict === 'improvement'
  return comparison.metric === 'slow_share' && !called
}

function describeNotes({ baseRef }: RunIdentity, outcome: Judged): readonly RichText[] {
  const untrusted = warnOfCalibration(outcome.result.calibration)
  const notes: RichText[] = [...(untrusted === null ? [] : [untrusted]), [countVerdicts(outcome)]]
  notes.push(...describeCaveats(outcome))
  if (outcome.gate === 'advisory') {
    notes.push(
      prose`The gate is advisory on ${code(baseRef)}: neither a regression nor failing requests block the merge.`
    )
  }
  if (outcome.policyEdits.length > 0) {
    const shown = outcome.policyEdits.slice(0, POLICY_EDITS_SHOWN_MAX).map((key) => [code(key)])
    const more = outcome.policyEdits.length - shown.length
    const keys = more > 0 ? joinList([...shown, [`${more} more`]]) : joinList(shown)
    notes.push(prose`This pull request edits how changes are judged (${keys}). The edit is not applied until merged.`)
  }
  return notes
}

/** Failing requests that the headline does not tell of, and what the worker warns about: they put numbers in doubt. */
function describeCaveats({ comparison, measured }: Judged): readonly RichText[] {
  const failing = listFailingMore(comparison.cases)
  const told = comparison.verdict === 'inconclusive' ? 1 : 0
  const notes = failing.slice(told, CAVEATS_SHOWN_MAX).map((item) => prose`${describeFailingMore(item)}.`)
  const byWarning = new Map<string, string[]>()
  for (const { caseId, warnings } of measured) {
    for (const warning of warnings) byWarning.set(warning, [...(byWarning.get(warning) ?? []), caseId])
  }
  for (const [warning, [first = '', ...others]] of [...byWarning].slice(0, CAVEATS_SHOWN_MAX)) {
    const more = others.length === 0 ? '' : ` and ${formatPlural(others.length, 'other case')}`
    notes.push(prose`Warning for ${code(first)}${more}: ${proseFromUntrusted(warning)}`)
  }
  const left = byWarning.size - CAVEATS_SHOWN_MAX
  if (left > 0) notes.push([`${formatPlural(left, 'more warning')} below.`])
  return notes
}

/** `Cases: 1 regression, 3 unchanged, 1 not measured, 2 skipped.` */
function countVerdicts(outcome: Judged): string {
  const { cases } = outcome.comparison
  const count = (verdict: CaseComparison['verdict']) => cases.filter((item) => item.verdict === verdict).length
  const unmeasured = listUnmeasured(outcome).filter(({ caseId }) => caseId !== null)
  const fresh = unmeasured.filter(isNewModel).length
  const counts: readonly (readonly [count: number, word: string])[] = [
    [count('regression'), count('regression') === 1 ? 'regression' : 'regressions'],
    [unmeasured.length - fresh, 'not measured'],
    [count('inconclusive'), 'inconclusive'],
    [count('unchanged'), 'unchanged'],
    [count('improvement'), count('improvement') === 1 ? 'improvement' : 'improvements'],
    [fresh, 'new'],
    [outcome.skipped.length, 'skipped']
  ]
  const shown = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  return shown.length === 0 ? 'No cases.' : `Cases: ${shown.join(', ')}.`
}
