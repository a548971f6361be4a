import type { BudgetJudgement } from '#src/budgets/judge-budgets.ts'
import type { AccuracyJudgement } from '#src/equivalence/judge-accuracy.ts'
import type { OutputJudgement } from '#src/equivalence/output-judgement.ts'
import type { CaseChecks } from './outcome.ts'

/** What was found out about the answers, the budgets and the accuracy of cases, as the headline and the lists pick it. */

export interface JudgedOutputs {
  readonly caseId: string
  readonly judgement: OutputJudgement
}

export interface JudgedAccuracy {
  readonly caseId: string
  readonly judgement: AccuracyJudgement
}

export function listOutputs(
  checks: readonly CaseChecks[],
  verdict: OutputJudgement['verdict']
): readonly JudgedOutputs[] {
  return checks.flatMap(({ caseId, equivalence }) =>
    equivalence?.verdict === verdict ? [{ caseId, judgement: equivalence }] : []
  )
}

/**
 * Outputs that had to be the same and that nobody could compare: the configuration itself says `block`, or `auto` does for a
 * model that did not change and the comparison came to nothing. The inputs are the pull request's own: were that a pass,
 * outputs too large to compare would be one. An older worker, which does not compare, is not the pull request's doing.
 */
export function listUncheckedOutputs(checks: readonly CaseChecks[]): readonly JudgedOutputs[] {
  return listOutputs(checks, 'not_checked').filter(
    ({ judgement }) => judgement.mode === 'block' && (judgement.modeFrom === 'policy' || cameToNothing(judgement))
  )
}

function cameToNothing({ notes }: OutputJudgement): boolean {
  return notes.some((note) => note.kind === 'not_compared' && note.reason !== 'off')
}

export function listAccuracies(
  checks: readonly CaseChecks[],
  verdict: AccuracyJudgement['verdict']
): readonly JudgedAccuracy[] {
  return checks.flatMap(({ caseId, accuracy }) =>
    accuracy?.verdict === verdict ? [{ caseId, judgement: accuracy }] : []
  )
}

/** Worst first: the one that is the most times over its limit. */
export function listBudgets(
  checks: readonly CaseChecks[],
  verdict: BudgetJudgement['verdict']
): readonly BudgetJudgement[] {
  const found = checks.flatMap(({ budgets }) => budgets.filter((budget) => budget.verdict === verdict))
  return found.toSorted((a, b) => timesOver(b) - timesOver(a) || 0)
}

/** Nothing known is not worse than anything that is. */
function timesOver({ candidate, kind, limit }: BudgetJudgement): number {
  if (candidate === null) return 0
  const ratio = kind === 'ceiling' ? candidate.value / limit : limit / candidate.value
  return Number.isNaN(ratio) ? 0 : Math.min(ratio, Number.MAX_VALUE)
}
