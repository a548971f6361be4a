import type { PreparedCase } from '#workers/measure/load-request.ts'

/** Cases whose sides load the same and must answer alike: one look at both sides serves them all. */
export interface Check {
  /** The first of the cases. */
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
    const [prepared] = group
    return prepared === undefined ? [] : [{ prepared, caseIndices: group.map(({ caseIndex }) => caseIndex) }]
  })
}
