import type { AccuracyPolicy } from '#contracts/accuracy.ts'
import type { BenchmarkFailure, CaseFindings } from '#contracts/benchmark-result.ts'
import type { PreparedCase } from '#workers/measure/load-request.ts'
import { checkCase } from './check-case.ts'
import { listDistinctChecks } from './distinct-checks.ts'
import type { LabelledSamples } from './find-labelled.ts'
import { type LaunchDeps, withBothSides } from './with-both-sides.ts'

export interface CheckDeps extends LaunchDeps {
  readonly findLabelled: (policy: AccuracyPolicy) => Promise<LabelledSamples>
  readonly isOutOfTime: () => boolean
}

export type Checked =
  | { readonly kind: 'found'; readonly findings: CaseFindings }
  | { readonly kind: 'failed'; readonly failure: BenchmarkFailure }

const NUMBERS = { outputs: 0, accuracy: 1 } as const

/**
 * Looks at all cases before any is measured: what cannot be loaded or run is known then, and so is whether the sides answer
 * alike.
 *
 * @returns by case index
 * @throws {SideStartError} {@link MeasuringAbortedError}
 */
export async function checkCases(
  deps: CheckDeps,
  cases: readonly PreparedCase[]
): Promise<ReadonlyMap<number, Checked>> {
  const checked = new Map<number, Checked>()
  for (const { prepared, caseIndices } of listDistinctChecks(cases)) {
    const { accuracy } = prepared.spec
    const labelled = accuracy === undefined ? null : await deps.findLabelled(accuracy)
    const { isOutOfTime } = deps
    const outcome = await withBothSides(deps, prepared, (sides) =>
      checkCase({ sides, prepared, labelled, numbers: NUMBERS, isOutOfTime })
    )
    const found: Checked = outcome.kind === 'done' ? { kind: 'found', findings: outcome.result } : outcome
    for (const caseIndex of caseIndices) checked.set(caseIndex, found)
  }
  return checked
}
