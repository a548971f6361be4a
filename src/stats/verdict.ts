/** The words and shapes of a judgement. Pure data; `judge-run.ts` produces it, `report/` and `cli/` show it. */

import type { Metric, MetricUnit } from '#contracts/metric.ts'
import type { ScenarioKind } from '#contracts/scenario.ts'
import type { ScenarioFacts } from './scenario-facts.ts'

export type Verdict = 'regression' | 'improvement' | 'unchanged' | 'inconclusive'

/** Why a metric could not be called. Always given with `inconclusive` and `not_assessed`. */
export type InconclusiveReason =
  | { readonly kind: 'straddles_margin' }
  /** Beyond the margin by its own interval, but not certain enough as one of so many comparisons (Holm). */
  | { readonly kind: 'not_significant'; readonly comparisons: number }
  | { readonly kind: 'too_few_rounds'; readonly rounds: number; readonly needed: number }
  | { readonly kind: 'too_few_requests'; readonly requestsPerRound: number; readonly needed: number }
  | { readonly kind: 'rounds_dropped'; readonly dropped: number; readonly rounds: number }
  /** Rounds were dropped because the harness sent too many of their requests late. */
  | { readonly kind: 'arrivals_late'; readonly dropped: number; readonly rounds: number }
  /** Neither side of a ramp keeps the latency objective at any rate offered. */
  | { readonly kind: 'objective_never_kept' }
  /** The blocks lack the series that the metric is made of. */
  | { readonly kind: 'not_recorded' }
  | { readonly kind: 'error_rates_differ'; readonly pValue: number }
  | { readonly kind: 'below_absolute_floor'; readonly floorNs: number }
  | { readonly kind: 'out_of_time' }
  /** Sums of the latencies leave the range of double-precision numbers. */
  | { readonly kind: 'out_of_range' }
  /** The difference between the sides still drifts within the rounds: one of them was not warm. */
  | { readonly kind: 'not_steady'; readonly pValue: number }
  /** The worker's own calibration failed: it sees differences between identical commits. `problem` is one sentence. */
  | { readonly kind: 'untrusted_worker'; readonly problem: string }
  /** What disturbed the machine while it measured, in so many of its rounds. */
  | {
      readonly kind: 'environment'
      readonly cause: 'rounds_discarded' | 'steal' | 'throttled'
      readonly rounds: number
      readonly ofRounds: number
    }

export interface MetricComparison {
  readonly metric: Metric
  readonly unit: MetricUnit
  /** For display: pooled over all requests of the side, or the middle of its rounds; null when there were none. */
  readonly baseline: number | null
  readonly candidate: number | null
  /**
   * Distribution-free 95 % intervals of the pooled quantiles shown, for display only: they take the requests for independent.
   * Null when there are too few requests, for other metrics, and under an open loop, where requests wait for each other.
   */
  readonly baselineInterval: readonly [low: number, high: number] | null
  readonly candidateInterval: readonly [low: number, high: number] | null
  /**
   * (candidate − baseline) / baseline as the paired per-round statistic estimates it; candidate − baseline for metrics whose
   * `change` is a difference (METRIC_FACTS). Null when not assessed.
   */
  readonly relativeChange: number | null
  /** Two one-sided bounds around `relativeChange`, each at the look's γ. */
  readonly interval: readonly [low: number, high: number] | null
  readonly verdict: Verdict | 'not_assessed'
  readonly reason: InconclusiveReason | null
  /** Distinguishable from noise after Holm's correction, whatever its size. */
  readonly significant: boolean
  readonly pValue: number | null
  /** Smallest change that matters, from the base branch's configuration; a ratio, or a difference as above. */
  readonly threshold: number
  /** Smallest change that this run would have seen with 80 % power; null when not assessed. */
  readonly smallestDetectableChange: number | null
}

/** What it would still take to settle a case, if later rounds scatter as those so far did. */
export interface NeededMeasuring {
  /** On top of those measured. */
  readonly rounds: number
  /** Measuring time of these rounds, both sides together, without restarts and warm-up. */
  readonly measuringMs: number
}

export interface CaseComparison {
  readonly id: string
  /** The load pattern; a closed loop where it is missing. */
  readonly scenario?: ScenarioKind
  readonly verdict: Verdict
  /** Set when the case is inconclusive. */
  readonly reason: InconclusiveReason | null
  readonly metrics: readonly MetricComparison[]
  readonly rounds: number
  readonly requests: { readonly baseline: number; readonly candidate: number }
  readonly errors: { readonly baseline: number; readonly candidate: number; readonly pValue: number | null }
  /** Set when the case is inconclusive because intervals are too wide: until the widest one that decides fits its margin. */
  readonly needed: NeededMeasuring | null
  /** Caveats that never stop the result. */
  readonly warnings: readonly string[]
  /** What the load met, beyond the metrics; only of scenarios that have such facts. */
  readonly facts?: ScenarioFacts
}

export interface RunComparison {
  /** Worst of the cases; `mixed` when some improved and some regressed. */
  readonly verdict: Verdict | 'mixed'
  readonly cases: readonly CaseComparison[]
}

/** A case that needs no further rounds while others do: it passed, or more rounds could not let it pass or regress. */
export interface SettledCase {
  readonly id: string
  readonly reason: 'pass' | 'forecast'
}

/** What the measuring loop should do after a look. */
export type LookDecision =
  /** Cases that are settled may be left out of further rounds; their rounds still belong to every later look. */
  | { readonly kind: 'continue'; readonly settled?: readonly SettledCase[] }
  | { readonly kind: 'stop'; readonly reason: 'regression' | 'pass' | 'max_rounds' | 'forecast' }
