import { PICTURE_LEGEND } from './draw-intervals.ts'
import {
  fencedBlock,
  inlineCode,
  inlineCodeInTable,
  keepUnits,
  NO_BREAK_SPACE,
  toMarkdown,
  toTableCell
} from './escape-markdown.ts'
import { formatCount, formatPlural } from './format-quantity.ts'
import type { ReportRow, RowVerdict } from './metric-rows.ts'
import type {
  ReportCase,
  ReportFailure,
  ReportMark,
  ReportModel,
  ReportPicture,
  ReportPooled,
  ReportProblem
} from './report-parts.ts'
import { code, prose, type RichText } from './rich-text.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

/** Lists of a report that may be cut to make it fit. */
export const SECTIONS = [
  'pooledRows',
  'foldedSentences',
  'cases',
  'slowShareRows',
  'warnings',
  'skipped',
  'pictures',
  'foldedRows',
  'reasons',
  'problems',
  'failures',
  'sentences',
  'rows'
] as const
export type Section = (typeof SECTIONS)[number]
export type Shown = Readonly<Record<Section, number>>

/** First items of a list; the rest is folded or left out, and `leftOut` says so. All strings are finished Markdown. */
export interface ListView<Item> {
  readonly items: readonly Item[]
  readonly folded: readonly Item[]
  readonly foldedCount: string
  readonly leftOut: string | null
}

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

type PooledView = Readonly<Record<'caseId' | 'metric' | 'baseline' | 'candidate', string>>

/** `block` is a fenced block. */
export interface PictureView {
  readonly caseId: string
  readonly block: string
}

type CaseView = Readonly<Record<'id' | 'model' | 'session' | 'scenario' | 'rounds' | 'requests' | 'errors', string>>

/** What the templates see. Null stands for a section that is not there. */
export interface ReportView {
  readonly marker: string
  readonly headline: string
  readonly commits: string
  readonly notes: readonly string[]
  readonly rows: ListView<RowView> | null
  readonly foldedTitle: string
  readonly foldedRows: ListView<RowView> | null
  readonly slowShareRows: ListView<RowView> | null
  readonly sentences: ListView<string> | null
  readonly foldedSentences: ListView<string> | null
  /** All of them are told of by the number, whatever was left out. */
  readonly foldedSentencesTitle: string
  readonly pictures: ListView<PictureView> | null
  /** The first of them alone, for the comment. */
  readonly firstPicture: PictureView | null
  readonly pictureLegend: string
  readonly pooledRows: ListView<PooledView> | null
  readonly reasons: ListView<string> | null
  readonly failures: ListView<FailureView> | null
  readonly problems: ListView<string> | null
  readonly nextSteps: readonly string[]
  readonly starterConfig: string | null
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  readonly cases: ListView<CaseView> | null
  /** The skipped cases stand in one of these two places. */
  readonly skippedFirst: ListView<string> | null
  readonly skippedLast: ListView<string> | null
  readonly warnings: ListView<string> | null
  readonly reproduce: string | null
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

const MARK_SIGNS: Readonly<Record<ReportMark, string>> = {
  regression: '❌',
  mixed: '❌',
  improvement: '⏩',
  unchanged: '✅',
  failing_requests: '❌',
  inconclusive: '❓',
  no_verdict: '⚠️',
  nothing_to_do: '➖',
  config_problem: '⚠️',
  cancelled: '⏹️',
  waiting: '⏸️'
}

/** Items of these lists that stand open; the others are folded. Lists without a number stand or fold as a whole. */
const OPEN_ITEMS_MAX = { reasons: 5, failures: 5, problems: 20, skipped: 10, pictures: 5 }

/** Number of items in each list. */
export function countSections(model: ReportModel): Shown {
  return {
    pooledRows: model.pooledRows.length,
    foldedSentences: model.foldedSentences.length,
    sentences: model.sentences.length,
    pictures: model.pictures.length,
    cases: model.cases.length,
    slowShareRows: model.slowShareRows.length,
    warnings: model.warnings.length,
    skipped: model.skipped.length,
    foldedRows: model.foldedRows.length,
    reasons: model.reasons.length,
    problems: model.problems.length,
    failures: model.failures.length,
    rows: model.rows.length
  }
}

/** Escapes everything once; the function it returns cuts each list to the number of items that are to be shown. */
export function prepareView(model: ReportModel, marker: string): (shown: Shown) => ReportView {
  const fixed = {
    marker,
    headline: `${MARK_SIGNS[model.mark]} ${toMarkdown(model.headline)}`,
    commits: toMarkdown(model.commits),
    notes: model.notes.map(toMarkdown),
    foldedTitle: model.foldedTitle,
    nextSteps: model.nextSteps.map(toMarkdown),
    starterConfig: model.starterConfig,
    foldedSentencesTitle: titleSentences(model),
    pictureLegend: PICTURE_LEGEND,
    facts: model.facts.map(({ label, value }) => ({ label, value: toMarkdown(value) })),
    reproduce: model.reproduce
  }
  const lists = viewLists(model)
  return (shown) => {
    const skipped = cutList(lists.skipped, shown.skipped, OPEN_ITEMS_MAX.skipped)
    return {
      ...fixed,
      rows: cutList(lists.rows, shown.rows),
      foldedRows: cutList(lists.foldedRows, shown.foldedRows),
      slowShareRows: cutList(lists.slowShareRows, shown.slowShareRows),
      sentences: cutList(lists.sentences, shown.sentences),
      foldedSentences: cutList(lists.foldedSentences, shown.foldedSentences),
      pictures: cutList(lists.pictures, shown.pictures, OPEN_ITEMS_MAX.pictures),
      firstPicture: lists.pictures[0] ?? null,
      pooledRows: cutList(lists.pooledRows, shown.pooledRows),
      reasons: cutList(lists.reasons, shown.reasons, OPEN_ITEMS_MAX.reasons),
      failures: cutList(lists.failures, shown.failures, OPEN_ITEMS_MAX.failures),
      problems: cutList(lists.problems, shown.problems, OPEN_ITEMS_MAX.problems),
      cases: cutList(lists.cases, shown.cases),
      skippedFirst: model.skippedFirst ? skipped : null,
      skippedLast: model.skippedFirst ? null : skipped,
      warnings: cutList(lists.warnings, shown.warnings)
    }
  }
}

function viewLists(model: ReportModel) {
  return {
    rows: model.rows.map(viewRow),
    foldedRows: model.foldedRows.map(viewRow),
    slowShareRows: model.slowShareRows.map(viewRow),
    sentences: model.sentences.map(toMarkdown),
    foldedSentences: model.foldedSentences.map(toMarkdown),
    pictures: model.pictures.map(viewPicture),
    pooledRows: model.pooledRows.map(viewPooled),
    reasons: model.reasons.map(toMarkdown),
    failures: model.failures.map(viewFailure),
    problems: model.problems.map((problem) => toMarkdown(describeProblem(problem))),
    cases: model.cases.map(viewCase),
    skipped: model.skipped.map(toMarkdown),
    warnings: model.warnings.map(toMarkdown)
  }
}

function cutList<Item>(all: readonly Item[], shown: number, openMax: number = shown): ListView<Item> | null {
  if (all.length === 0) return null
  const items = all.slice(0, shown)
  const missing = all.length - items.length
  return {
    items: items.slice(0, openMax),
    folded: items.slice(openMax),
    foldedCount: formatCount(Math.max(0, items.length - openMax)),
    leftOut: missing === 0 ? null : describeMissing(missing, all.length)
  }
}

function describeMissing(missing: number, all: number): string {
  return missing === all ? `All ${formatCount(all)}` : `${formatCount(missing)} of ${formatCount(all)}`
}

function viewRow(row: ReportRow): RowView {
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

function titleSentences({ sentences, foldedSentences }: ReportModel): string {
  const count = formatPlural(foldedSentences.length, sentences.length > 0 ? 'more verdict' : 'verdict')
  return `${count} in words`
}

/** The lines are ours, so nothing in them can close the block. */
function viewPicture({ caseId, lines }: ReportPicture): PictureView {
  return { caseId: inlineCode(caseId), block: ['```text', ...lines, '```'].join('\n') }
}

function viewPooled(row: ReportPooled): PooledView {
  const { caseId, metric, baseline, candidate } = row
  return { caseId: inlineCodeInTable(caseId), metric, baseline: keepUnits(baseline), candidate: keepUnits(candidate) }
}

function viewCase(item: ReportCase): CaseView {
  return {
    ...item,
    id: inlineCodeInTable(item.id),
    model: toTableCell(item.model),
    session: toTableCell(item.session)
  }
}

function viewFailure({ title, message, hint, detail }: ReportFailure): FailureView {
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
