import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import { listOutputs } from './failed-checks.ts'
import type { Outcome } from './outcome.ts'

export type Judged = Extract<Outcome, { kind: 'judged' }>

/** Something of a judged run that has no numbers. */
export interface Unmeasured {
  /** Null when the run as a whole broke off. */
  readonly caseId: string | null
  readonly failure: BenchmarkFailure
}

/**
 * Everything in a judged run that was to be measured and was not, including planned cases that no part of the result
 * mentions: silence is not a pass. Cases whose answers differ have been looked at.
 */
export function listUnmeasured(outcome: Judged): readonly Unmeasured[] {
  const told = new Set([
    ...outcome.comparison.cases.map(({ id }) => id),
    ...listOutputs(outcome.checks, 'not_equivalent').map(({ caseId }) => caseId),
    ...outcome.notMeasured.map(({ caseId }) => caseId)
  ])
  const silent = outcome.cases.filter(({ id }) => !told.has(id)).map(({ id }) => ({ caseId: id, failure: NO_RESULT }))
  const whole = outcome.result.failure === null ? [] : [{ caseId: null, failure: outcome.result.failure }]
  return [...whole, ...outcome.notMeasured, ...silent]
}

const NO_RESULT: BenchmarkFailure = {
  code: 'worker_error',
  side: null,
  message: 'The worker sent no result for this case.',
  hint: 'Re-run the check; look at the log of the worker if it comes back.'
}

/** A model file that only the candidate has is new: there is nothing to compare it with, and nothing is wrong. */
export function isNewModel({ failure }: Unmeasured): boolean {
  return failure.code === 'model_missing' && failure.side === 'baseline'
}
