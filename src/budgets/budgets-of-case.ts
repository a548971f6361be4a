import type { BudgetPolicy, Budgets } from '#contracts/budgets.ts'
import type { ScenarioKind } from '#contracts/scenario.ts'

/** What rules tell cases apart by. */
export interface BudgetedCase {
  readonly model: string
  readonly session: string
  readonly scenario: ScenarioKind
}

/** All limits of one case: of two rules with the same limit, the later one counts. */
export function budgetsOfCase(policy: BudgetPolicy, { model, session, scenario }: BudgetedCase): Budgets {
  const fitting = policy.filter(
    (rule) =>
      (rule.model ?? model) === model &&
      (rule.session ?? session) === session &&
      (rule.scenario ?? scenario) === scenario
  )
  let merged: Budgets = {}
  for (const { budgets } of fitting) merged = { ...merged, ...withoutUndefined(budgets) }
  return merged
}

function withoutUndefined(budgets: Budgets): Budgets {
  return Object.fromEntries(Object.entries(budgets).filter(([, limit]) => limit !== undefined))
}
