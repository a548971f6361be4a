import type { BudgetName } from '#contracts/budgets.ts'
import type { DecisionDesign } from '#contracts/decision-design.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import {
  type BudgetedMeasurement,
  type BudgetJudgement,
  judgeBudgets,
  type SideBudget
} from '#src/budgets/judge-budgets.ts'
import type { BrokenBudget } from '#src/diagnose/diagnosis.ts'
import type { ComparableCase } from './sort-case.ts'

/** The absolute limits of all cases, the worst first. */
export function judgeCaseBudgets(cases: readonly ComparableCase[], design: DecisionDesign): BudgetJudgement[] {
  return judgeBudgets(cases.map(toBudgeted), design)
}

function toBudgeted({ spec, measured, environment }: ComparableCase): BudgetedMeasurement {
  return {
    measured,
    budgets: spec.budgets ?? {},
    ...(environment === null
      ? {}
      : { peakBytes: environment.peakBytes, isDisturbed: environment.outcome.kind === 'inconclusive' })
  }
}

/** Limits on the latency of requests: what one request alone takes can be held against them. */
const LATENCY_BUDGETS: ReadonlySet<BudgetName> = new Set(['p50Ms', 'p95Ms', 'p99Ms'])

/**
 * The latency budgets that a case breaks, each with what one request alone makes of the same limit.
 *
 * @param budgets of the case
 * @param alone the case of the same model and session that sends one request at a time; null where there is none
 */
export function listBrokenLatencies(
  budgets: readonly BudgetJudgement[],
  alone: ComparableCase | null,
  design: DecisionDesign
): BrokenBudget[] {
  return budgets
    .filter(({ name, verdict }) => verdict === 'broken' && LATENCY_BUDGETS.has(name))
    .map(({ name, limit }) => ({ name, limitNs: limit, alone: judgeAlone(alone, limit / NS_PER_MS, design) }))
}

function judgeAlone(alone: ComparableCase | null, limitMs: number, design: DecisionDesign): SideBudget | null {
  if (alone === null) return null
  const [judged] = judgeBudgets([{ ...toBudgeted(alone), budgets: { p50Ms: limitMs } }], design)
  return judged === undefined || judged.reason === 'environment' ? null : judged.candidate
}
