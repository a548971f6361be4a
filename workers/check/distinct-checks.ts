import type { PreparedCase } from '#workers/measure/load-request.ts'
import { batchSizeOf } from '#workers/scenarios/batch-size.ts'

/** Cases whose sides load the same and must answer alike: one look at both sides serves them all. */
export interface Check {
  /** The first of the cases. */
  readonly prepared: PreparedCase
  readonly caseIndices: readonly number[]
  /** The same cases by how many items a request carries, the fewest first. */
  readonly batches: readonly BatchCheck[]
}

export interface BatchCheck {
  /** The first of its cases. */
  readonly prepared: PreparedCase
  readonly caseIndices: readonly number[]
}

/**
 * Scenarios of the same model and session differ in load, not in answers; but for `generate`, which answers with tokens. Cases
 * with other criteria are looked at apart.
 */
export function listDistinctChecks(cases: readonly PreparedCase[]): readonly Check[] {
  const groups = Map.groupBy(cases, ({ spec, modelFiles, engineDirectories }) => {
    const { scenario, baseline, candidate, equivalence, accuracy } = spec
    const decoding = scenario.kind === 'generate' ? scenario : null
    return JSON.stringify([modelFiles, engineDirectories, baseline, candidate, equivalence, accuracy, decoding])
  })
  return [...groups.values()].flatMap((group) => {
    const [first] = toBatch(group)
    return first === undefined ? [] : [{ ...first, batches: listBatches(group) }]
  })
}

function listBatches(group: readonly PreparedCase[]): readonly BatchCheck[] {
  const bySize = Map.groupBy(group, ({ spec }) => batchSizeOf(spec.scenario))
  return [...bySize].toSorted(([one], [other]) => one - other).flatMap(([, cases]) => toBatch(cases))
}

function toBatch(cases: readonly PreparedCase[]): readonly BatchCheck[] {
  const [prepared] = cases
  return prepared === undefined ? [] : [{ prepared, caseIndices: cases.map(({ caseIndex }) => caseIndex) }]
}
