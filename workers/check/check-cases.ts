import type { AccuracyPolicy } from '#contracts/accuracy.ts'
import type { BenchmarkFailure, CaseFindings } from '#contracts/benchmark-result.ts'
import type { PreparedCase } from '#workers/measure/load-request.ts'
import { checkAnswers, checkCase } from './check-case.ts'
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
  for (const { batches } of listDistinctChecks(cases)) {
    const [first, ...larger] = batches
    if (first === undefined) continue
    const found = await check(deps, first.prepared, null)
    setAll(checked, first.caseIndices, found)
    for (const { prepared, caseIndices } of larger) {
      // What a side cannot do with few items it cannot do with more.
      setAll(checked, caseIndices, found.kind === 'failed' ? found : await check(deps, prepared, found.findings))
    }
  }
  return checked
}

function setAll(checked: Map<number, Checked>, caseIndices: readonly number[], found: Checked): void {
  for (const caseIndex of caseIndices) checked.set(caseIndex, found)
}

/** @param known what the same sides were found to be with a smaller batch: then only their answers are left to look at */
async function check(deps: CheckDeps, prepared: PreparedCase, known: CaseFindings | null): Promise<Checked> {
  const { accuracy } = prepared.spec
  const labelled = accuracy === undefined || known !== null ? null : await deps.findLabelled(accuracy)
  const { isOutOfTime } = deps
  const outcome = await withBothSides(deps, prepared, (sides) => {
    const context = { sides, prepared, labelled, numbers: NUMBERS, isOutOfTime }
    return known === null ? checkCase(context) : checkAnswers(context, known)
  })
  return outcome.kind === 'done' ? { kind: 'found', findings: outcome.result } : outcome
}
