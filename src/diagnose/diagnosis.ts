import type { BudgetName } from '#contracts/budgets.ts'
import type { Metric } from '#contracts/metric.ts'
import type { SideBudget } from '#src/budgets/judge-budgets.ts'
import type { StartPhase } from '#stats/cold-start-facts.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import type { RepeatedTime } from './compare-repeats.ts'
import type { OperatorTimeDiff } from './diff-operator-times.ts'
import type { PlacementDiff } from './diff-placements.ts'
import type { SettingChange } from './diff-sides.ts'
import type { GraphDiff } from './graph-diff.ts'

/** What is known of a case, from measurements. */
export interface DiagnosisEvidence {
  readonly comparison: CaseComparison
  /** Of the model file with its external data, byte for byte. */
  readonly model: 'identical' | 'different' | 'unknown'
  readonly settings: readonly SettingChange[]
  /** Null: the graph of a side could not be read. */
  readonly graph: GraphDiff | null
  /** Null: not profiled. */
  readonly placement: PlacementDiff | null
  readonly operators: OperatorTimeDiff | null
  /** The other cases of the same run with the same model and session. */
  readonly related: readonly CaseComparison[]
  /** Budgets on latency that the candidate of this case breaks. */
  readonly brokenBudgets: readonly BrokenBudget[]
}

export interface BrokenBudget {
  readonly name: BudgetName
  readonly limitNs: number
  /** The same limit on the p50 of `single_stream`; null where that was not measured. */
  readonly alone: SideBudget | null
}

/** A judged change: of a time more than zero is slower. */
export interface JudgedChange {
  readonly caseId: string
  readonly metric: Metric
  readonly change: number
  readonly interval: readonly [low: number, high: number]
}

export type ErrorCounts = PerSide<{ readonly failed: number; readonly requests: number }>

/** One thing that the measurements say about where a change sits. */
export type Finding =
  /** Neither a metric nor the errors moved: there is nothing to locate. Always alone. */
  | { readonly kind: 'nothing_moved' }
  | { readonly kind: 'errors_climb'; readonly counts: ErrorCounts; readonly pValue: number }
  /** From this offered rate on the candidate fails more requests, and at no lower one. */
  | { readonly kind: 'errors_under_load'; readonly ratePerS: number; readonly failedShares: PerSide<number> }
  /** A request that waits for no other is over the budget already. */
  | { readonly kind: 'single_request_over_budget'; readonly budget: BrokenBudget; readonly alone: SideBudget }
  /** A request that waits for no other keeps the budget. */
  | { readonly kind: 'over_budget_only_under_load'; readonly budget: BrokenBudget; readonly alone: SideBudget }
  /** The typical request is unchanged, the slow ones are not. */
  | { readonly kind: 'tail_only'; readonly typical: JudgedChange; readonly tail: readonly JudgedChange[] }
  /** Open loop: requests are served as fast as before, and wait longer or shorter. */
  | { readonly kind: 'waiting'; readonly service: JudgedChange; readonly queueP95Ns: PerSide<number> }
  /** Open loop: serving a request takes another time; waiting adds to that. */
  | { readonly kind: 'service_time'; readonly service: JudgedChange; readonly queueP95Ns: PerSide<number> | null }
  /** The change is larger where requests run at the same time. */
  | { readonly kind: 'grows_with_concurrency'; readonly alone: JudgedChange; readonly together: JudgedChange }
  /** Every request changed by as much, alone as well. */
  | { readonly kind: 'every_request'; readonly alone: JudgedChange; readonly together: JudgedChange }
  | { readonly kind: 'load_only'; readonly ready: JudgedChange; readonly steady: JudgedChange }
  | { readonly kind: 'steady_only'; readonly ready: JudgedChange; readonly steady: JudgedChange }
  | { readonly kind: 'load_and_steady'; readonly ready: JudgedChange; readonly steady: JudgedChange }
  /** Parts of a cold start that changed, the largest first. */
  | { readonly kind: 'start_phases'; readonly phases: readonly ChangedPhase[] }
  | { readonly kind: 'model_identical' }
  /** The same nodes, attributes and connections: other weights. */
  | { readonly kind: 'only_weights_differ' }
  | { readonly kind: 'graph_changed'; readonly diff: GraphDiff }
  /** The files differ, and nothing is known of how. */
  | { readonly kind: 'graph_unknown' }
  | { readonly kind: 'settings_changed'; readonly settings: readonly SettingChange[] }
  /** Neither the model nor a setting differs. */
  | { readonly kind: 'nothing_differs' }
  | { readonly kind: 'placement_changed'; readonly diff: PlacementDiff }
  | { readonly kind: 'operators_changed'; readonly diff: OperatorTimeDiff }
  /** No operator takes longer or shorter than its repeated profiles differ by. */
  | { readonly kind: 'operators_alike'; readonly diff: OperatorTimeDiff }
  /** The profile shows a change in the other direction. */
  | { readonly kind: 'profile_disagrees'; readonly diff: OperatorTimeDiff }
  /** Outside ONNX Runtime: handing tensors over and back. */
  | { readonly kind: 'binding_changed'; readonly binding: RepeatedTime; readonly shareOfCall: number }
  /** Something moved, and none of the measurements say where. Always last. */
  | { readonly kind: 'not_located' }

export interface PerBound {
  readonly low: number
  readonly high: number
}

export interface ChangedPhase {
  readonly phase: StartPhase
  readonly levelsNs: PerSide<number>
  readonly differenceNs: PerBound & { readonly value: number }
}

export interface Diagnosis {
  /** In the order in which they are told. */
  readonly findings: readonly Finding[]
}
