import type { BenchmarkFailure, BenchmarkResult, ModelFacts, StopReason } from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import type { CostComparison } from '#src/budgets/cost.ts'
import type { BudgetJudgement } from '#src/budgets/judge-budgets.ts'
import type { Diagnosis } from '#src/diagnose/diagnosis.ts'
import type { CaseEnvironmentOutcome } from '#src/environment/judge-case-environment.ts'
import type { AccuracyJudgement } from '#src/equivalence/judge-accuracy.ts'
import type { OutputJudgement } from '#src/equivalence/output-judgement.ts'
import type { RunComparison } from '#stats/verdict.ts'
import type { CaseResources } from './case-resources.ts'

/** One mistake in a configuration file, ready to become an annotation on the check run. */
export interface ConfigProblem {
  readonly file: string
  /** 1-based; 1 when the position is unknown (an empty file, say). */
  readonly line: number
  /** Dotted path of the key, `models.vad.path`; empty for the file as a whole. */
  readonly key: string
  readonly message: string
}

/** A case that the configuration names and that was not sent to a worker. */
export interface SkippedCase {
  readonly id: string
  readonly why: 'unaffected' | 'added' | 'removed'
  /** One sentence: what was looked at. */
  readonly detail: string
}

/** What the worker says about a case that it looked at, beside the measurements. */
export interface MeasuredFacts {
  readonly caseId: string
  /** Null: the answers differ, so nothing was measured. */
  readonly stopReason: StopReason | null
  /** Caveats: the two sides were fed different inputs, say. */
  readonly warnings: readonly string[]
  readonly models: Readonly<Record<'baseline' | 'candidate', ModelFacts>>
}

/** What was judged of a case beside its speed. Null and empty: nobody asked, or the worker is older than the question. */
export interface CaseChecks {
  readonly caseId: string
  readonly equivalence: OutputJudgement | null
  readonly accuracy: AccuracyJudgement | null
  readonly budgets: readonly BudgetJudgement[]
  readonly cost: CostComparison | null
  readonly environment: CaseEnvironmentOutcome | null
  /** Where a change sits; null where nothing moved, failed or broke a budget. */
  readonly diagnosis: Diagnosis | null
  /** What each side took; missing in outcomes of earlier versions and where it was not recorded. */
  readonly resources?: CaseResources | null
}

/** What a run came to. Every path through a run ends in exactly one of these, and each maps to one check conclusion. */
export type Outcome =
  | {
      readonly kind: 'judged'
      /** Of the cases that have a verdict on speed: not of those whose answers differ. */
      readonly comparison: RunComparison
      /** Of all cases that have facts to be judged by: not of those in `notMeasured`. */
      readonly checks: readonly CaseChecks[]
      readonly cases: readonly CaseSpec[]
      /** Without the blocks: raw latencies are in the history. */
      readonly result: Omit<BenchmarkResult, 'cases'>
      readonly measured: readonly MeasuredFacts[]
      readonly notMeasured: readonly { readonly caseId: string; readonly failure: BenchmarkFailure }[]
      readonly skipped: readonly SkippedCase[]
      /** Dotted keys of judging settings that the pull request edits; shown, not applied. */
      readonly policyEdits: readonly string[]
      readonly gate: 'required' | 'advisory'
      readonly onInconclusive: 'neutral' | 'failure'
      readonly measuringMs: number
    }
  | {
      readonly kind: 'nothing_relevant' /** Null when GitHub's list was cut off. */
      readonly changedFiles: number | null
      readonly skipped: readonly SkippedCase[]
    }
  /**
   * Cases of the base are gone and others stand in their place (a renamed model id, say), so that nothing could be
   * compared. It closes a required gate: otherwise renaming would open it.
   */
  | {
      readonly kind: 'nothing_comparable'
      readonly gate: 'required' | 'advisory'
      readonly skipped: readonly SkippedCase[]
    }
  | { readonly kind: 'no_config'; readonly where: 'both' | 'base' | 'head' }
  | { readonly kind: 'config_invalid'; readonly where: 'base' | 'head'; readonly problems: readonly ConfigProblem[] }
  | { readonly kind: 'failed'; readonly failure: BenchmarkFailure }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'awaiting_approval'; readonly reason: string }

export type CheckConclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'timed_out' | 'action_required'

/** What was compared; heads every report. */
export interface RunIdentity {
  readonly runId: string
  readonly attempt: number
  readonly repository: string
  readonly pullRequest: number | null
  readonly baseRef: string
  readonly baselineSha: string | null
  /** Tip of the base branch when the run was planned: the commit whose configuration judges. */
  readonly baseTipSha: string | null
  readonly headSha: string
  /** True when every case was measured because somebody asked for it. */
  readonly measuredEverything: boolean
  /** Public address of the repository on its GitHub, for links; null for a local comparison. */
  readonly repositoryUrl: string | null
}
