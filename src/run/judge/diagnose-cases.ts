import type { DecisionDesign } from '#contracts/decision-design.ts'
import type { BudgetJudgement } from '#src/budgets/judge-budgets.ts'
import { diagnoseCase } from '#src/diagnose/diagnose-case.ts'
import type { Diagnosis } from '#src/diagnose/diagnosis.ts'
import { gatherEvidence } from '#src/diagnose/gather-evidence.ts'
import { isMove } from '#src/diagnose/judged-change.ts'
import type { CaseComparison, RunComparison } from '#stats/verdict.ts'
import { listBrokenLatencies } from './judge-case-budgets.ts'
import type { ComparableCase } from './sort-case.ts'

export interface DiagnosedRun {
  readonly cases: readonly ComparableCase[]
  /** After everything that cannot be trusted was taken back. */
  readonly comparison: RunComparison
  readonly budgets: readonly BudgetJudgement[]
  readonly design: DecisionDesign
}

/** Where changes sit, by case id: of cases that moved, fail other shares of their requests, or break a budget. */
export function diagnoseCases(run: DiagnosedRun): ReadonlyMap<string, Diagnosis> {
  const comparisons = new Map(run.comparison.cases.map((item) => [item.id, item]))
  const siblings = Map.groupBy(run.cases, ({ spec }) => JSON.stringify([spec.model, spec.session]))
  const budgets = Map.groupBy(run.budgets, ({ caseId }) => caseId)
  const diagnoses = new Map<string, Diagnosis>()
  for (const item of run.cases) {
    const { spec } = item
    const comparison = comparisons.get(spec.id)
    const own = budgets.get(spec.id) ?? []
    if (comparison === undefined || !isWorthDiagnosing(comparison, own)) continue
    const group = siblings.get(JSON.stringify([spec.model, spec.session])) ?? []
    const alone = group.find((sibling) => sibling.spec.scenario.kind === 'single_stream') ?? null
    const evidence = gatherEvidence({
      spec,
      comparison,
      related: group.flatMap((sibling) => (sibling === item ? [] : (comparisons.get(sibling.spec.id) ?? []))),
      isModelIdentical: item.isModelIdentical,
      inspection: item.result.inspection ?? null,
      brokenBudgets: listBrokenLatencies(own, alone, run.design)
    })
    const diagnosis = diagnoseCase(evidence)
    if (diagnosis.findings[0]?.kind !== 'nothing_moved') diagnoses.set(spec.id, diagnosis)
  }
  return diagnoses
}

function isWorthDiagnosing({ metrics, reason }: CaseComparison, budgets: readonly BudgetJudgement[]): boolean {
  return (
    metrics.some(({ verdict }) => isMove(verdict)) ||
    reason?.kind === 'error_rates_differ' ||
    budgets.some(({ verdict }) => verdict === 'broken')
  )
}
