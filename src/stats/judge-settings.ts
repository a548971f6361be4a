import { type DecisionDesign, FIRST_LOOK } from '#contracts/decision-design.ts'
import { DEFAULT_THRESHOLDS, type ThresholdKey } from '#contracts/measurements.ts'
import { METRIC_FACTS, METRICS, type Metric } from '#contracts/metric.ts'

/** The constants of the verdict procedure. Each one names where it comes from. */

/**
 * Nominal two-sided p per look, and one-sided error of each interval bound. docs/statistics.md "Deciding": simulated over
 * looks after every round from 6 to 24, the overall error of one test is 3.7 % (4.2 % trimmed), that of one interval bound
 * 3.3 % (3.7 %).
 */
export const GAMMA_PER_LOOK = 0.007

/**
 * The error of an open-ended run, over all its looks together: of one test (BF ≥ 20), and of each bound of its interval.
 * docs/statistics.md "More rounds than planned": simulated over looks at 6, 7, … 200 rounds, 3.8 % and 3.6 % at most.
 */
export const OPEN_ENDED_ALPHA = 0.05
export const OPEN_ENDED_ALPHA_PER_SIDE = 0.05

/** From here on a trimmed test is used for metrics whose rounds have outliers: all but shares of requests. docs/statistics.md "Deciding". */
export const MIN_ROUNDS_TO_TRIM = 9
export const TRIMMED_METRICS: ReadonlySet<Metric> = new Set(
  METRICS.filter((metric) => metric !== 'slow_share' && metric !== 'goodput')
)

/**
 * While a metric that does not hold up a pass looks slower with a one-sided p below this, measuring goes on: it may become a
 * regression. 20 % at six rounds, falling with their square: a tail that is slower soon shows more than that. It costs time,
 * and no error. Resampled in docs/statistics.md "A tail that looks slower is given more rounds".
 */
export function leaningPValue(rounds: number): number {
  return 0.2 * (FIRST_LOOK / rounds) ** 2
}

/** More than this share of the rounds dropped is inconclusive. docs/statistics.md "Measuring" 5. */
export const MAX_DROPPED_SHARE = 0.25

/** Errors differ at p below this, and at least so many more on one side. docs/statistics.md "Deciding". */
export const ERROR_P_VALUE = 0.01
export const ERROR_MIN_DIFFERENCE = 3

/**
 * Least requests per side in one window. Slow share is taken over windows of p95 where a round can fill those of p99.
 * docs/statistics.md "Per round and metric".
 */
export const THROUGHPUT_WINDOW_REQUESTS = 6
export const P95_WINDOW_REQUESTS = 12
export const P99_WINDOW_REQUESTS = 60

/**
 * Least arrivals in one stretch of an open loop, for p95. docs/statistics.md "Open loop": simulated, longer stretches find less.
 */
export const OPEN_LOOP_WINDOW_REQUESTS = 20

/** One late request is no evidence about the harness, however few there were. docs/statistics.md "Open loop". */
export const MIN_LATE_REQUESTS = 2

/** A metric is assessed when its window fills at least so often in a round. docs/statistics.md "Per round and metric". */
export const MIN_WINDOWS = 2

/**
 * Smallest change of a latency quantile, in nanoseconds, that can be called: 20 × the timer's resolution
 * (docs/statistics.md "Deciding"). `process.hrtime` counts nanoseconds and reads CLOCK_MONOTONIC on Linux (steps of about 30 ns seen),
 * mach_absolute_time on macOS (ticks of 42 ns on Apple silicon) and QueryPerformanceCounter on Windows (ticks of 100 ns).
 * The coarsest of them counts: 20 × 100 ns = 2 µs. That silences a 2 % change only below 0.1 ms of latency.
 */
export const DEFAULT_ABSOLUTE_FLOOR_NS = 2_000

/** Metrics that the floor applies to. A quantile moves in steps of the timer; a mean over many requests does not. */
export const FLOORED_METRICS: ReadonlySet<Metric> = new Set(
  METRICS.filter((metric) => METRIC_FACTS[metric].unit === 'ns')
)

/**
 * The difference between the sides drifts within the rounds when the test of their slopes gives less than this, shared out
 * over the cases of the run.
 * docs/statistics.md "Steadiness".
 */
export const UNSTEADY_P_VALUE = 0.001

/** Fewer windows than these have no slope. docs/statistics.md "Steadiness". */
export const MIN_WINDOWS_FOR_SLOPE = 4

/** Power at which the smallest detectable change is given. docs/statistics.md "What each number in the report means". */
export const DETECTION_POWER = 0.8

export interface JudgeOptions {
  /** How often the rounds may be looked at; {@link DEFAULT_DESIGN} when not given. */
  readonly design?: DecisionDesign | undefined
  /** See {@link DEFAULT_ABSOLUTE_FLOOR_NS}. Zero switches the floor off. */
  readonly absoluteFloorNs?: number
}

/** Thresholds as a case carries them: whatever is missing has its default. */
export type PartialThresholds = { readonly [key in ThresholdKey]?: number | undefined }

/** The threshold of one metric: a ratio, or a difference in the metric's own unit. */
export function thresholdOf(metric: Metric, thresholds: PartialThresholds | undefined): number {
  const key = METRIC_FACTS[metric].threshold
  return thresholds?.[key] ?? DEFAULT_THRESHOLDS[key]
}

/**
 * The threshold on the scale of the test: ln(1 + threshold) for log ratios, so that slower and faster have equal margins
 * and swapping the sides mirrors the verdict; the difference itself for the others.
 */
export function marginOf(metric: Metric, threshold: number): number {
  return METRIC_FACTS[metric].change === 'difference' ? threshold : Math.log1p(threshold)
}
