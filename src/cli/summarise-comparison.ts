import type { CostComparison } from '#src/budgets/cost.ts'
import type { BudgetJudgement } from '#src/budgets/judge-budgets.ts'
import type { AccuracyJudgement } from '#src/equivalence/judge-accuracy.ts'
import type { OutputJudgement } from '#src/equivalence/output-judgement.ts'
import type { CaseChecks } from '#src/report/outcome.ts'
import type { CaseComparison, MetricComparison, RunComparison } from '#stats/verdict.ts'

/** What `--json` of `judge` and `compare` writes. Stable: scripts read it. */
export interface ComparisonSummary {
  readonly verdict: RunComparison['verdict']
  readonly cases: readonly (Pick<CaseComparison, 'id' | 'verdict'> & {
    readonly metrics: readonly Pick<
      MetricComparison,
      'metric' | 'unit' | 'baseline' | 'candidate' | 'relativeChange' | 'interval' | 'verdict'
    >[]
    /** Only of scenarios that have such facts: the curve of a ramp, queue and service times, phases, tokens, memory. */
    readonly facts?: CaseComparison['facts']
  })[]
}

/** What `compare --json` adds for each case, beside its speed. Null: nobody asked. */
export interface ChecksSummary {
  readonly caseId: string
  readonly outputs: OutputJudgement['verdict'] | null
  readonly accuracy: Pick<AccuracyJudgement, 'verdict' | 'metric' | 'baseline' | 'candidate' | 'maxDrop'> | null
  readonly budgets: readonly Pick<BudgetJudgement, 'name' | 'unit' | 'limit' | 'verdict' | 'baseline' | 'candidate'>[]
  readonly cost: CostComparison | null
}

/** The stable part of a comparison. */
export function summariseComparison(comparison: RunComparison): ComparisonSummary {
  return {
    verdict: comparison.verdict,
    cases: comparison.cases.map(({ id, verdict, metrics, facts }) => ({
      id,
      verdict,
      metrics: metrics.map((row) => ({
        metric: row.metric,
        unit: row.unit,
        baseline: row.baseline,
        candidate: row.candidate,
        relativeChange: row.relativeChange,
        interval: row.interval,
        verdict: row.verdict
      })),
      ...(facts === undefined ? {} : { facts })
    }))
  }
}

/** The stable part of what was judged beside speed. */
export function summariseChecks(checks: readonly CaseChecks[]): readonly ChecksSummary[] {
  return checks.map(({ caseId, equivalence, accuracy, budgets, cost }) => ({
    caseId,
    outputs: equivalence?.verdict ?? null,
    accuracy:
      accuracy === null
        ? null
        : {
            verdict: accuracy.verdict,
            metric: accuracy.metric,
            baseline: accuracy.baseline,
            candidate: accuracy.candidate,
            maxDrop: accuracy.maxDrop
          },
    budgets: budgets.map(({ name, unit, limit, verdict, baseline, candidate }) => ({
      name,
      unit,
      limit,
      verdict,
      baseline,
      candidate
    })),
    cost
  }))
}
