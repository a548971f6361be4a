import { PICTURE_LEGEND } from './draw-intervals.ts'
import { inlineCode, toMarkdown } from './escape-markdown.ts'
import { formatCount, formatPlural } from './format-quantity.ts'
import type { ReportMark, ReportModel } from './report-parts.ts'
import {
  type AmountView,
  type BudgetView,
  type CaseView,
  describeProblem,
  type FailureView,
  type PictureView,
  type PooledView,
  type RowView,
  type ScenarioView,
  viewAmount,
  viewBudget,
  viewCase,
  viewFailure,
  viewPicture,
  viewPoints,
  viewPooled,
  viewRow,
  viewScenario
} from './view-items.ts'

/** Lists of a report that may be cut to make it fit. */
export const SECTIONS = [
  'pooledRows',
  'foldedSentences',
  'cases',
  'slowShareRows',
  'keptBudgetRows',
  'amounts',
  'scenarios',
  'warnings',
  'skipped',
  'pictures',
  'machine',
  'foldedRows',
  'reasons',
  'problems',
  'failures',
  'locations',
  'sentences',
  'budgetRows',
  'rows',
  'answers'
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

/** What the templates see. Null stands for a section that is not there. */
export interface ReportView {
  readonly marker: string
  readonly headline: string
  readonly commits: string
  readonly notes: readonly string[]
  readonly answers: ListView<string> | null
  readonly budgetRows: ListView<BudgetView> | null
  readonly keptBudgetRows: ListView<BudgetView> | null
  readonly rows: ListView<RowView> | null
  readonly foldedTitle: string
  readonly foldedRows: ListView<RowView> | null
  readonly slowShareRows: ListView<RowView> | null
  readonly locations: ListView<string> | null
  readonly sentences: ListView<string> | null
  readonly foldedSentences: ListView<string> | null
  /** All of them are told of by the number, whatever was left out. */
  readonly foldedSentencesTitle: string
  readonly pictures: ListView<PictureView> | null
  /** The first of them alone, for the comment. */
  readonly firstPicture: PictureView | null
  readonly pictureLegend: string
  readonly pooledRows: ListView<PooledView> | null
  readonly scenarios: ListView<ScenarioView> | null
  readonly amounts: ListView<AmountView> | null
  /** Names what of the last two, and of the kept budgets, there is; null where there is nothing. */
  readonly detailsTitle: string | null
  /** Its parts have titles of their own. */
  readonly detailsTitled: boolean
  readonly machine: ListView<string> | null
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

const MARK_SIGNS: Readonly<Record<ReportMark, string>> = {
  not_equivalent: '❌',
  less_accurate: '❌',
  over_budget: '❌',
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
const OPEN_ITEMS_MAX = {
  reasons: 5,
  failures: 5,
  problems: 20,
  skipped: 10,
  pictures: 5,
  answers: 5,
  locations: 3,
  machine: 3
}

/** Number of items in each list. */
export function countSections(model: ReportModel): Shown {
  const count = (section: Section) => model[section].length
  return {
    pooledRows: count('pooledRows'),
    foldedSentences: count('foldedSentences'),
    cases: count('cases'),
    slowShareRows: count('slowShareRows'),
    keptBudgetRows: count('keptBudgetRows'),
    amounts: count('amounts'),
    scenarios: count('scenarios'),
    warnings: count('warnings'),
    skipped: count('skipped'),
    pictures: count('pictures'),
    machine: count('machine'),
    foldedRows: count('foldedRows'),
    reasons: count('reasons'),
    problems: count('problems'),
    failures: count('failures'),
    locations: count('locations'),
    sentences: count('sentences'),
    budgetRows: count('budgetRows'),
    rows: count('rows'),
    answers: count('answers')
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
    ...titleDetails(model),
    pictureLegend: PICTURE_LEGEND,
    facts: model.facts.map(({ label, value }) => ({ label, value: toMarkdown(value) })),
    reproduce: model.reproduce
  }
  const lists = viewLists(model)
  return (shown) => {
    const skipped = cutList(lists.skipped, shown.skipped, OPEN_ITEMS_MAX.skipped)
    return {
      ...fixed,
      answers: cutList(lists.answers, shown.answers, OPEN_ITEMS_MAX.answers),
      budgetRows: cutList(lists.budgetRows, shown.budgetRows),
      keptBudgetRows: cutList(lists.keptBudgetRows, shown.keptBudgetRows),
      locations: cutList(lists.locations, shown.locations, OPEN_ITEMS_MAX.locations),
      scenarios: cutList(lists.scenarios, shown.scenarios),
      amounts: cutList(lists.amounts, shown.amounts),
      machine: cutList(lists.machine, shown.machine, OPEN_ITEMS_MAX.machine),
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
    answers: model.answers.map(viewPoints),
    budgetRows: model.budgetRows.map(viewBudget),
    keptBudgetRows: model.keptBudgetRows.map(viewBudget),
    locations: model.locations.map(({ caseId, text }) => `${inlineCode(caseId)}: ${toMarkdown(text)}`),
    scenarios: model.scenarios.map(viewScenario),
    amounts: model.amounts.map(viewAmount),
    machine: model.machine.map(toMarkdown),
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

function titleSentences({ sentences, foldedSentences }: ReportModel): string {
  const count = formatPlural(foldedSentences.length, sentences.length > 0 ? 'more verdict' : 'verdict')
  return `${count} in words`
}

function titleDetails({
  scenarios,
  amounts,
  keptBudgetRows
}: ReportModel): Pick<ReportView, 'detailsTitle' | 'detailsTitled'> {
  const parts = [
    ...(scenarios.length > 0 ? ['scenarios in detail'] : []),
    ...(amounts.length > 0 ? ['cost and resources'] : []),
    ...(keptBudgetRows.length > 0 ? ['budgets that are kept'] : [])
  ]
  const title = parts.join(', ')
  return {
    detailsTitle: title === '' ? null : `${title.slice(0, 1).toUpperCase()}${title.slice(1)}`,
    detailsTitled: parts.length > 1
  }
}
