import type { Diagnosis, DiagnosisEvidence } from './diagnosis.ts'
import { listMoved } from './judged-change.ts'
import { locateErrors } from './locate-errors.ts'
import { locateBudgets, locateConcurrency, locateTail, locateWaiting } from './locate-load.ts'
import { locateModel } from './locate-model.ts'
import { locateOperators } from './locate-operators.ts'
import { locatePhase } from './locate-phase.ts'

/** Says where a change sits, from measurements only: what they leave open is not filled in. docs/diagnosis.md. */
export function diagnoseCase(evidence: DiagnosisEvidence): Diagnosis {
  const { comparison, brokenBudgets } = evidence
  const errors = locateErrors(comparison)
  const hasMoved = listMoved(comparison).length > 0
  const budgets = brokenBudgets.length === 0 ? [] : locateBudgets(evidence)
  if (!hasMoved) {
    const found = [...errors, ...budgets, ...(errors.length === 0 ? [] : locateModel(evidence))]
    return { findings: found.length === 0 ? [{ kind: 'nothing_moved' }] : found }
  }
  const findings = [
    ...errors,
    ...budgets,
    ...locateTail(comparison),
    ...locateWaiting(comparison),
    ...locateConcurrency(evidence),
    ...locatePhase(evidence),
    ...locateModel(evidence),
    ...locateOperators(evidence)
  ]
  const isLocated = findings.some(({ kind }) => kind !== 'graph_unknown')
  return { findings: isLocated ? findings : [...findings, { kind: 'not_located' }] }
}
