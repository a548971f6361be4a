import type { CaseComparison } from '#stats/verdict.ts'
import { describeCost, listAmounts } from './case-amounts.ts'
import { concludeOutcome } from './conclusion.ts'
import { describeCase } from './describe-case.ts'
import { describeFailure } from './describe-failure.ts'
import {
  describeCommits,
  describeIdentity,
  describeMeasuring,
  describeReproduction,
  describeSkipped
} from './describe-run.ts'
import { formatPlural } from './format-quantity.ts'
import { describeAnswers } from './judged-answers.ts'
import { describeBudgets } from './judged-budgets.ts'
import { describeDetail } from './judged-detail.ts'
import { describeMachine } from './judged-environment.ts'
import { describeHeadline } from './judged-headline.ts'
import { describeLocations } from './judged-locations.ts'
import { describeNotes } from './judged-notes.ts'
import { describeNextSteps, describeReasons } from './judged-reasons.ts'
import { formatRow, listMetrics, type MetricOfCase, rowVerdict, sortWorstFirst } from './metric-rows.ts'
import type { RunIdentity, SkippedCase } from './outcome.ts'
import { emptyReport, type ReportModel } from './report-parts.ts'
import { code, prose, type RichText } from './rich-text.ts'
import { describeScenarioFacts } from './scenario-details.ts'
import { isNewModel, type Judged, listUnmeasured } from './unmeasured.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

/** Up to this many rows are shown as they are; from there on the quiet ones are folded away. */
const ROWS_UNFOLDED_MAX = 12
/** Most rows that stand open when there are many. */
const OPEN_ROWS_MAX = 20
/** Rows that stand open when not one of many is news. */
const OPEN_QUIET_ROWS = 4

/** The report of a run that was measured and judged. */
export function buildJudgedReport(identity: RunIdentity, outcome: Judged): ReportModel {
  const { comparison } = outcome
  const measured = new Map(comparison.cases.map((item) => [item.id, item]))
  const facts = new Map(outcome.measured.map((item) => [item.caseId, item]))
  const unmeasured = listUnmeasured(outcome)
  const reproduce = describeReproduction(identity)
  const { told, ...headline } = describeHeadline(outcome)
  const answers = describeAnswers(outcome.checks)
  const { notes: budgetNotes, ...budgets } = describeBudgets(outcome.checks)
  const specs = sortCases(outcome)
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
    notes: describeNotes(identity, outcome, [...answers.notes, ...budgetNotes, ...noteCost(outcome.checks)]),
    answers: answers.answers,
    ...budgets,
    locations: describeLocations(
      outcome.checks,
      specs.map(({ id }) => id)
    ),
    scenarios: specs.flatMap((spec) => describeScenarioFacts(measured.get(spec.id), spec)),
    amounts: listAmounts(outcome.checks),
    machine: describeMachine(outcome.checks),
    reasons: describeReasons(outcome),
    failures: unmeasured
      .filter((item) => !isNewModel(item))
      .map(({ caseId, failure }) => describeFailure(caseId, failure)),
    cases: specs.map((spec) => describeCase(spec, measured.get(spec.id), facts.get(spec.id))),
    skipped: [...newModels, ...outcome.skipped].map(describeSkipped),
    warnings: [...answers.remarks, ...listWarnings(outcome)],
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

/** One line, when there is one case to say it of; the others stand in the table. */
function noteCost(checks: Judged['checks']): readonly RichText[] {
  const costs = checks.map(describeCost).filter((cost) => cost !== null)
  return costs.length === 1 ? costs : []
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
