import type { ReportRow } from './metric-rows.ts'
import type { CheckConclusion } from './outcome.ts'
import type { RichText } from './rich-text.ts'

/** What kind of news a report is; picks the sign in front of the headline. */
export type ReportMark =
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
  /** Rows shown open, and the ones folded away. */
  readonly rows: readonly ReportRow[]
  readonly foldedRows: readonly ReportRow[]
  readonly foldedTitle: string
  readonly slowShareRows: readonly ReportRow[]
  /** Verdicts as sentences: the ones that stand open, and the others. */
  readonly sentences: readonly RichText[]
  readonly foldedSentences: readonly RichText[]
  /** Where the intervals lie, per case. */
  readonly pictures: readonly ReportPicture[]
  readonly pooledRows: readonly ReportPooled[]
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
    rows: [],
    foldedRows: [],
    foldedTitle: '',
    slowShareRows: [],
    sentences: [],
    foldedSentences: [],
    pictures: [],
    pooledRows: [],
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
