import type { DecisionDesign } from '#contracts/decision-design.ts'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { type BudgetJudgement, judgeBudgets } from '#src/budgets/judge-budgets.ts'
import type { BrokenBudget } from './diagnosis.ts'

/** Budgets on what one request takes. */
const OF_ONE_REQUEST: readonly BudgetJudgement['name'][] = ['p50Ms', 'p95Ms', 'p99Ms']

/**
 * The broken budgets on latency of a case, each with what the same limit is to a request that waits for no other.
 *
 * @param budgets of the case
 * @param single the `single_stream` case of the same model and session; null where it was not measured
 */
export function judgeSingleRequest(
  budgets: readonly BudgetJudgement[],
  single: MeasuredCase | null,
  design?: DecisionDesign
): BrokenBudget[] {
  return budgets
    .filter(({ name, verdict }) => verdict === 'broken' && OF_ONE_REQUEST.includes(name))
    .map(({ name, limit }) => {
      const [alone] =
        single === null ? [] : judgeBudgets([{ measured: single, budgets: { p50Ms: limit / NS_PER_MS } }], design)
      return { name, limitNs: limit, alone: alone?.candidate ?? null }
    })
}
