import { describeDiagnosis } from '#src/diagnose/describe-diagnosis.ts'
import { fromSentence } from './foreign-sentence.ts'
import type { CaseText } from './group-cases.ts'
import type { CaseChecks } from './outcome.ts'

/** "Where it sits" of every case that moved, in the order given. */
export function describeLocations(checks: readonly CaseChecks[], caseIds: readonly string[]): readonly CaseText[] {
  const position = new Map(caseIds.map((id, index) => [id, index]))
  const found = checks.flatMap(({ caseId, diagnosis }) => {
    if (diagnosis === null || diagnosis.findings.every(({ kind }) => kind === 'nothing_moved')) return []
    return [{ caseId, text: fromSentence(describeDiagnosis(diagnosis)) }]
  })
  return found.toSorted((a, b) => (position.get(a.caseId) ?? Infinity) - (position.get(b.caseId) ?? Infinity) || 0)
}
