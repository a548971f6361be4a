import type { BudgetVerdict } from '#src/budgets/judge-budgets.ts'
import type { CaseText } from './group-cases.ts'
import type { ReportRow } from './metric-rows.ts'
import type { CheckConclusion } from './outcome.ts'
import type { RichText } from './rich-text.ts'

/** What kind of news a report is; picks the sign in front of the headline. */
export type ReportMark =
  | 'not_equivalent'
  | 'less_accurate'
  | 'over_budget'
  | 'regression'
  | 'mixed'
  | 'improvement'
  | 'unchanged'
  | 'failing_requests'
  | 'inconclusive'
  | 'no_verdict'
  | 'nothing_to_do'
  | 'config_problem'
  | 'cancelled'
  | 'waiting'

/** Something that could not be measured, in words. */
export interface ReportFailure {
  /** Which case and what happened to it; null when it is the whole run. */
  readonly title: RichText | null
  readonly message: RichText
  /** The whole message when the sentence above does not hold it. */
  readonly detail: string | null
  readonly hint: RichText
}

/** One mistake in a configuration file. Texts are as they came. */
export interface ReportProblem {
  readonly file: string
  readonly line: number
  readonly key: string
  readonly message: string
}

/** One case as it was run, for the table of what was compared. */
export interface ReportCase {
  readonly id: string
  readonly model: RichText
  readonly session: RichText
  readonly scenario: string
  readonly rounds: string
  readonly requests: string
  readonly errors: string
}

/** The intervals of one case, drawn. The lines hold nothing but our own signs, names and numbers. */
export interface ReportPicture {
  readonly caseId: string
  readonly lines: readonly string[]
}

/** Pooled latencies of both sides, each with its interval. */
export type ReportPooled = Readonly<Record<'caseId' | 'metric' | 'baseline' | 'candidate', string>>

/** Something about one case, or several, and what backs it. */
export interface ReportPoints {
  readonly lead: RichText
  readonly points: readonly RichText[]
}

/** One absolute limit of one case. */
export interface ReportBudget {
  readonly caseId: string
  readonly budget: string
  readonly limit: string
  readonly baseline: string
  readonly candidate: string
  /** Of the candidate. */
  readonly interval: string
  readonly verdict: BudgetVerdict
  readonly verdictText: string
}

/** What a case costs or takes, of both sides. */
export interface ReportAmount {
  readonly caseId: string
  readonly what: string
  readonly baseline: RichText
  readonly candidate: RichText
  readonly change: string
  readonly interval: string
}

/** Cells are our own words and numbers. The first column is text, and so is one with the title `Remarks`. */
export interface ReportTable {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A curve of both sides, in Mermaid's language and as text for a terminal. The lines are ours alone. */
export interface ReportPlot {
  readonly chart: readonly string[]
  readonly legend: string
  readonly drawing: readonly string[]
}

/** What a scenario met beyond its metrics: rates and queues, the curve of a ramp, phases, tokens, memory. */
export interface ReportScenario {
  readonly caseId: string
  /** The load in words; null where only measurements are known. */
  readonly scenario: string | null
  readonly lines: readonly string[]
  readonly table: ReportTable
  readonly plot: ReportPlot | null
}

export interface ReportFact {
  readonly label: string
  readonly value: RichText
}

/**
 * Everything a report says, in the order of importance, with every number formatted and nothing escaped yet. Lists are
 * worst first, so that cutting them at the end loses the least.
 */
export interface ReportModel {
  readonly conclusion: CheckConclusion
  readonly mark: ReportMark
  /** The verdict and the number that decided it, in one sentence. */
  readonly headline: RichText
  /** Which commit this is about; a comment is edited, so it must say so. */
  readonly commits: RichText
  readonly notes: readonly RichText[]
  /** What was found out about the answers, where it asks for attention. */
  readonly answers: readonly ReportPoints[]
  /** Budgets that are broken or undecided, and those that are kept. */
  readonly budgetRows: readonly ReportBudget[]
  readonly keptBudgetRows: readonly ReportBudget[]
  /** Rows shown open, and the ones folded away. */
  readonly rows: readonly ReportRow[]
  readonly foldedRows: readonly ReportRow[]
  readonly foldedTitle: string
  readonly slowShareRows: readonly ReportRow[]
  /** Where a change sits, per case that moved. */
  readonly locations: readonly CaseText[]
  /** Verdicts as sentences: the ones that stand open, and the others. */
  readonly sentences: readonly RichText[]
  readonly foldedSentences: readonly RichText[]
  /** Where the intervals lie, per case. */
  readonly pictures: readonly ReportPicture[]
  readonly pooledRows: readonly ReportPooled[]
  readonly scenarios: readonly ReportScenario[]
  readonly amounts: readonly ReportAmount[]
  /** Rounds that were thrown away, and what the machine did. */
  readonly machine: readonly RichText[]
  /** Per inconclusive case: why, and what would settle it. */
  readonly reasons: readonly RichText[]
  readonly failures: readonly ReportFailure[]
  readonly problems: readonly ReportProblem[]
  readonly nextSteps: readonly RichText[]
  /** Text of a file to begin with, when there is no configuration. */
  readonly starterConfig: string | null
  readonly facts: readonly ReportFact[]
  readonly cases: readonly ReportCase[]
  readonly skipped: readonly RichText[]
  /** True when the skipped cases are the news and not a footnote. */
  readonly skippedFirst: boolean
  readonly warnings: readonly RichText[]
  /** Command that repeats the comparison locally; null when a commit is not known. */
  readonly reproduce: string | null
  /** False when a pull request without a comment so far can do without this one. */
  readonly deservesComment: boolean
}

/** A report with nothing in it but what every report must have. */
export function emptyReport(
  essentials: Pick<ReportModel, 'conclusion' | 'mark' | 'headline' | 'commits' | 'nextSteps' | 'facts'>
): ReportModel {
  return {
    notes: [],
    answers: [],
    budgetRows: [],
    keptBudgetRows: [],
    rows: [],
    foldedRows: [],
    foldedTitle: '',
    slowShareRows: [],
    locations: [],
    sentences: [],
    foldedSentences: [],
    pictures: [],
    pooledRows: [],
    scenarios: [],
    amounts: [],
    machine: [],
    reasons: [],
    failures: [],
    problems: [],
    starterConfig: null,
    cases: [],
    skipped: [],
    skippedFirst: false,
    warnings: [],
    reproduce: null,
    deservesComment: true,
    ...essentials
  }
}
