import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import { listAccuracies, listBudgets, listOutputs, listUncheckedOutputs } from './failed-checks.ts'
import { listFailingMore } from './failing-requests.ts'
import type { CheckConclusion, Outcome } from './outcome.ts'
import { isNewModel, type Judged, listUnmeasured, type Unmeasured } from './unmeasured.ts'

/**
 * The check conclusion of an outcome. GitHub lets `success`, `neutral` and `skipped` through a
 * required check, so nothing that failed to give a verdict may become one of them.
 */
export function concludeOutcome(outcome: Outcome): CheckConclusion {
  switch (outcome.kind) {
    case 'judged':
      return concludeJudged(outcome)
    case 'nothing_relevant':
      return 'success'
    case 'nothing_comparable':
      return outcome.gate === 'advisory' ? 'neutral' : 'failure'
    case 'no_config':
      return outcome.where === 'head' ? 'failure' : 'success'
    case 'config_invalid':
      return 'failure'
    case 'failed':
      return concludeFailure(outcome.failure)
    case 'cancelled':
      return 'cancelled'
    case 'awaiting_approval':
      return 'action_required'
    default:
      return outcome satisfies never
  }
}

function concludeFailure({ code }: BenchmarkFailure): CheckConclusion {
  if (code === 'timed_out' || code === 'cancelled') return code
  return 'failure'
}

/** `timed_out` says that time is all that was missing: nothing was found out, and for no other cause. */
function concludeUnmeasured({ comparison, checks }: Judged, unmeasured: readonly Unmeasured[]): CheckConclusion {
  const timedOut = unmeasured.every(({ failure }) => failure.code === 'timed_out')
  return timedOut && comparison.cases.length === 0 && checks.length === 0 ? 'timed_out' : 'failure'
}

function concludeJudged(outcome: Judged): CheckConclusion {
  const unmeasured = listUnmeasured(outcome).filter((item) => !isNewModel(item))
  if (unmeasured.length > 0) return concludeUnmeasured(outcome, unmeasured)
  if (closesGate(outcome)) return outcome.gate === 'advisory' ? 'neutral' : 'failure'
  if (outcome.comparison.cases.length === 0) return outcome.notMeasured.length > 0 ? 'success' : 'failure'
  return outcome.comparison.verdict === 'inconclusive' || leavesDoubt(outcome) ? outcome.onInconclusive : 'success'
}

/** Something about the candidate is proved to be worse than is allowed: a required gate is closed. */
export function closesGate({ comparison, checks }: Judged): boolean {
  return (
    comparison.verdict === 'regression' ||
    comparison.verdict === 'mixed' ||
    listFailingMore(comparison.cases).length > 0 ||
    listOutputs(checks, 'not_equivalent').length > 0 ||
    listAccuracies(checks, 'dropped').length > 0 ||
    listBudgets(checks, 'broken').length > 0
  )
}

/**
 * Somebody asked for a limit and it could not be told whether it is kept: silence is not a pass. Outputs count where the
 * configuration says `block` itself; `auto` compares what can be compared.
 */
function leavesDoubt({ checks }: Judged): boolean {
  return (
    listBudgets(checks, 'undecided').length > 0 ||
    listAccuracies(checks, 'not_checked').length > 0 ||
    listUncheckedOutputs(checks).length > 0
  )
}
