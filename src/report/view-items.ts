import type { BudgetVerdict } from '#src/budgets/judge-budgets.ts'
import {
  fencedBlock,
  inlineCode,
  inlineCodeInTable,
  keepUnits,
  NO_BREAK_SPACE,
  toMarkdown,
  toTableCell
} from './escape-markdown.ts'
import type { ReportRow, RowVerdict } from './metric-rows.ts'
import type {
  ReportAmount,
  ReportBudget,
  ReportCase,
  ReportFailure,
  ReportPicture,
  ReportPoints,
  ReportPooled,
  ReportProblem,
  ReportScenario,
  ReportTable
} from './report-parts.ts'
import { code, prose, type RichText } from './rich-text.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

/** Items of a report's lists as finished Markdown. */

export interface RowView {
  readonly caseId: string
  readonly metric: string
  readonly baseline: string
  readonly candidate: string
  readonly change: string
  readonly interval: string
  readonly verdict: string
}

export interface FailureView {
  readonly title: string | null
  readonly message: string
  readonly hint: string
  readonly detail: string | null
}

export type PooledView = Readonly<Record<'caseId' | 'metric' | 'baseline' | 'candidate', string>>

/** `block` is a fenced block. */
export interface PictureView {
  readonly caseId: string
  readonly block: string
}

export type CaseView = Readonly<
  Record<'id' | 'model' | 'session' | 'scenario' | 'rounds' | 'requests' | 'errors', string>
>

export interface BudgetView {
  readonly caseId: string
  readonly budget: string
  readonly limit: string
  readonly baseline: string
  readonly candidate: string
  readonly interval: string
  readonly verdict: string
}

export type AmountView = Readonly<Record<'caseId' | 'what' | 'baseline' | 'candidate' | 'change' | 'interval', string>>

/** `table` and `chart` are blocks of their own. */
export interface ScenarioView {
  readonly title: string
  readonly lines: readonly string[]
  readonly table: string
  readonly chart: string | null
  readonly legend: string | null
}

/** Different in shape, not only in colour, and always followed by a word. */
const ROW_SIGNS: Readonly<Record<RowVerdict, string>> = {
  regression: '❌',
  inconclusive: '❓',
  unchanged: '✅',
  bounded: '✅',
  improvement: '⏩',
  not_assessed: '➖'
}

export function viewRow(row: ReportRow): RowView {
  return {
    caseId: inlineCodeInTable(row.caseId),
    metric: row.metric,
    baseline: keepUnits(row.baseline),
    candidate: keepUnits(row.candidate),
    change: keepUnits(row.change),
    interval: keepUnits(row.interval).replace(' to ', ` to${NO_BREAK_SPACE}`),
    verdict: `${ROW_SIGNS[row.verdict]}${NO_BREAK_SPACE}${keepUnits(row.verdictText)}`
  }
}

/** The lines are ours, so nothing in them can close the block. */
export function viewPicture({ caseId, lines }: ReportPicture): PictureView {
  return { caseId: inlineCode(caseId), block: ['```text', ...lines, '```'].join('\n') }
}

export function viewPooled(row: ReportPooled): PooledView {
  const { caseId, metric, baseline, candidate } = row
  return { caseId: inlineCodeInTable(caseId), metric, baseline: keepUnits(baseline), candidate: keepUnits(candidate) }
}

export function viewCase(item: ReportCase): CaseView {
  return {
    ...item,
    id: inlineCodeInTable(item.id),
    model: toTableCell(item.model),
    session: toTableCell(item.session)
  }
}

export function viewFailure({ title, message, hint, detail }: ReportFailure): FailureView {
  return {
    title: title === null ? null : toMarkdown(title),
    message: toMarkdown(message),
    hint: toMarkdown(hint),
    detail: detail === null ? null : fencedBlock(detail)
  }
}

/** `.github/tailgate.yml:3: models.vad.path: must be a string`. */
export function describeProblem({ file, line, key, message }: ReportProblem): RichText {
  const place = prose`${code(`${file}:${line}`)}`
  const said = proseFromUntrusted(message)
  return key === '' ? prose`${place}: ${said}` : prose`${place}: ${code(key)}: ${said}`
}

/** The first line of a list item, and the others as a list below it. */
export function viewPoints({ lead, points }: ReportPoints): string {
  return [toMarkdown(lead), ...points.map((point) => `  - ${toMarkdown(point)}`)].join('\n')
}

const BUDGET_SIGNS: Readonly<Record<BudgetVerdict, string>> = { broken: '❌', undecided: '❓', kept: '✅' }

export function viewBudget(row: ReportBudget): BudgetView {
  const { caseId, budget, limit, baseline, candidate, interval, verdict, verdictText } = row
  return {
    caseId: inlineCodeInTable(caseId),
    budget,
    limit: keepTogether(limit),
    baseline: keepUnits(baseline),
    candidate: keepUnits(candidate),
    interval: keepTogether(interval),
    verdict: `${BUDGET_SIGNS[verdict]}${NO_BREAK_SPACE}${verdictText}`
  }
}

export function viewAmount({ caseId, what, baseline, candidate, change, interval }: ReportAmount): AmountView {
  return {
    caseId: inlineCodeInTable(caseId),
    what,
    baseline: toTableCell(baseline),
    candidate: toTableCell(candidate),
    change: keepUnits(change),
    interval: keepUnits(interval)
  }
}

export function viewScenario({ caseId, scenario, lines, table, plot }: ReportScenario): ScenarioView {
  return {
    title: scenario === null ? inlineCode(caseId) : `${inlineCode(caseId)}: ${keepUnits(scenario)}`,
    lines: lines.map(keepUnits),
    table: viewTable(table),
    chart: plot === null ? null : ['```mermaid', ...plot.chart, '```'].join('\n'),
    legend: plot === null ? null : keepUnits(plot.legend)
  }
}

/** A cell of numbers that is read at once. */
function keepTogether(cell: string): string {
  return /\d/u.test(cell) ? cell.replaceAll(' ', NO_BREAK_SPACE) : cell
}

/** All cells are ours, so nothing in them can end one. */
function viewTable({ head, rows }: ReportTable): string {
  const marks = head.map((title, column) => (column === 0 || title === 'Remarks' ? ':--' : '--:'))
  return [head, marks, ...rows]
    .map(
      (cells) =>
        `| ${cells.map((cell, column) => (head[column] === 'Remarks' ? keepUnits(cell) : keepTogether(cell))).join(' | ')} |`
    )
    .join('\n')
}
