import { FIRST_LOOK } from '#contracts/decision-design.ts'
import { isOptional, type Metric, metricsOf } from '#contracts/metric.ts'
import type { ScenarioKind } from '#contracts/scenario.ts'
import { compareErrorRates, compareErrorRatesOverRounds } from './compare-error-rates.ts'
import {
  MAX_DROPPED_SHARE,
  MIN_WINDOWS,
  OPEN_LOOP_WINDOW_REQUESTS,
  P95_WINDOW_REQUESTS,
  P99_WINDOW_REQUESTS,
  type PartialThresholds
} from './judge-settings.ts'
import type { PerSide } from './paired-sample.ts'
import { median } from './quantile.ts'
import type { RoundEffect } from './round-effect.ts'
import type { RoundStatistics } from './summarise-rounds.ts'
import { type RoundTest, testMetric } from './test-rounds.ts'
import type { InconclusiveReason } from './verdict.ts'

/** One case as the judge sees it: its rounds, not its requests. */
export interface CaseRounds {
  readonly id: string
  /** The load pattern that the rounds were summarised for; a closed loop where it is missing. */
  readonly scenario?: ScenarioKind | undefined
  readonly thresholds?: PartialThresholds | undefined
  readonly rounds: readonly RoundStatistics[]
}

/** What can be said about one metric before other metrics and cases are taken into account. */
export type Assessment =
  | {
      readonly kind: 'tested'
      readonly metric: Metric
      readonly test: RoundTest
      /** Typical level of both sides together, for the absolute floor: nanoseconds. */
      readonly level: number
    }
  | { readonly kind: 'not_assessed'; readonly metric: Metric; readonly reason: InconclusiveReason }
  /** Not tested because the case as a whole cannot be compared. */
  | { readonly kind: 'not_comparable'; readonly metric: Metric; readonly reason: InconclusiveReason }

export interface AssessedCase {
  readonly id: string
  readonly scenario: ScenarioKind | undefined
  readonly thresholds: PartialThresholds | undefined
  /** Rounds that were judged; dropped ones are not counted. */
  readonly rounds: number
  readonly requests: PerSide<number>
  readonly errors: PerSide<number> & { readonly pValue: number | null }
  readonly assessments: readonly Assessment[]
  readonly warnings: readonly string[]
}

/** Requests of each side that one window of the metric needs; a quad is the least for throughput, and for what is not named. */
const WINDOW_REQUESTS: { readonly [metric in Metric]?: number } = {
  p95: P95_WINDOW_REQUESTS,
  p99: P99_WINDOW_REQUESTS,
  slow_share: P99_WINDOW_REQUESTS
}
const WINDOW_REQUESTS_OPEN_LOOP: { readonly [metric in Metric]?: number } = {
  p95: OPEN_LOOP_WINDOW_REQUESTS,
  p99: P99_WINDOW_REQUESTS
}

/** Made of series: a round that lacks them has none. */
const RECORDED_METRICS: ReadonlySet<Metric> = new Set<Metric>([
  'service_p50',
  'ttft',
  'itl',
  'itl_p95',
  'tokens_per_s',
  'goodput',
  'memory_growth',
  'latency_drift',
  'memory'
])

/** Tests every metric of one case by itself. Needs no other case; the correction for many tests comes later. */
export function assessCase(measured: CaseRounds): AssessedCase {
  const requests = sumPerSide(measured.rounds.map((round) => round.requests))
  const errors = sumPerSide(measured.rounds.map((round) => round.errors))
  const sent = sumPerSide([requests, errors])
  const errorRates = isOpenLoop(measured.scenario)
    ? compareErrorRatesOverRounds(measured.rounds)
    : compareErrorRates(errors, sent)
  const rounds = measured.rounds.filter((round) => round.pairedRequests > 0)
  const late = measured.rounds.filter((round) => round.pairedRequests === 0 && round.lateQuads > 0).length
  const obstacle: InconclusiveReason | null =
    errorRates.differ && errorRates.pValue !== null
      ? { kind: 'error_rates_differ', pValue: errorRates.pValue }
      : findRoundObstacle(rounds.length, measured.rounds.length, late)
  return {
    id: measured.id,
    scenario: measured.scenario,
    thresholds: measured.thresholds,
    rounds: rounds.length,
    requests,
    errors: { ...errors, pValue: errorRates.pValue },
    assessments: listMetrics(measured).map((metric) =>
      obstacle === null
        ? assessMetric(metric, rounds, measured.scenario)
        : { kind: 'not_comparable', metric, reason: obstacle }
    ),
    warnings: collectWarnings(measured.rounds, errors, sent)
  }
}

/** Those of the scenario; the ones that need not be recorded where they were. */
function listMetrics({ scenario, rounds }: CaseRounds): readonly Metric[] {
  return metricsOf(scenario).filter(
    (metric) => !isOptional(metric, scenario) || rounds.some(({ effects }) => effects[metric] !== null)
  )
}

function isOpenLoop(scenario: ScenarioKind | undefined): boolean {
  return scenario === 'server' || scenario === 'burst' || scenario === 'ramp'
}

/** A run that never had six launches has too few; one that had them and lost many has dropped them. */
function findRoundObstacle(judged: number, launched: number, late: number): InconclusiveReason | null {
  const dropped = launched - judged
  if (launched >= FIRST_LOOK && dropped > MAX_DROPPED_SHARE * launched) {
    return { kind: 2 * late >= dropped ? 'arrivals_late' : 'rounds_dropped', dropped, rounds: launched }
  }
  if (judged < FIRST_LOOK) return { kind: 'too_few_rounds', rounds: judged, needed: FIRST_LOOK }
  return null
}

/**
 * A metric is tested over the rounds that could fill its windows. When more than a quarter of the rounds could not, those
 * that could are not a fair pick of them, and it is not assessed.
 */
function assessMetric(
  metric: Metric,
  rounds: readonly RoundStatistics[],
  scenario: ScenarioKind | undefined
): Assessment {
  const effects = rounds.map((round) => round.effects[metric]).filter((effect) => effect !== null)
  const short = rounds.filter((round) => round.effects[metric] === null)
  if (effects.length < FIRST_LOOK || short.length > MAX_DROPPED_SHARE * rounds.length) {
    return { kind: 'not_assessed', metric, reason: describeShortage(metric, short, scenario) }
  }
  const test = testMetric(
    metric,
    effects.map((effect) => effect.slowdown)
  )
  return { kind: 'tested', metric, test, level: jointLevel(effects) }
}

/**
 * Windows are made of whole quads, so large quads ask for more requests than the windows alone. A metric whose windows one
 * request fills lacks an effect in spite of enough quads only where its numbers were too large to add up.
 */
function describeShortage(
  metric: Metric,
  rounds: readonly RoundStatistics[],
  scenario: ScenarioKind | undefined
): InconclusiveReason {
  if (metric === 'sustained_rate') return { kind: 'objective_never_kept' }
  if (RECORDED_METRICS.has(metric)) return { kind: 'not_recorded' }
  const windowRequests = (isOpenLoop(scenario) ? WINDOW_REQUESTS_OPEN_LOOP : WINDOW_REQUESTS)[metric] ?? 1
  const isFilled = windowRequests === 1 && rounds.some(({ quads }) => quads >= MIN_WINDOWS)
  if (isFilled) return { kind: 'out_of_range' }
  const requestsPerQuad = Math.max(1, Math.round(median(rounds.map((round) => round.pairedRequests / round.quads))))
  const quadsPerWindow = Math.ceil(windowRequests / requestsPerQuad)
  return {
    kind: 'too_few_requests',
    requestsPerRound: Math.floor(median(rounds.map((round) => round.pairedRequests))),
    needed: MIN_WINDOWS * quadsPerWindow * requestsPerQuad
  }
}

/** Geometric mean over sides and rounds: the same whichever side is called baseline. */
function jointLevel(effects: readonly RoundEffect[]): number {
  const logs = effects.map((effect) => (Math.log(effect.baseline) + Math.log(effect.candidate)) / 2)
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)
}

function sumPerSide(counts: readonly PerSide<number>[]): PerSide<number> {
  const sum = { baseline: 0, candidate: 0 }
  for (const count of counts) {
    sum.baseline += count.baseline
    sum.candidate += count.candidate
  }
  return sum
}

function collectWarnings(
  rounds: readonly RoundStatistics[],
  errors: PerSide<number>,
  sent: PerSide<number>
): readonly string[] {
  const warnings: string[] = []
  const dropped = rounds.filter((round) => round.pairedRequests === 0 && round.lateQuads === 0).length
  if (dropped > 0) {
    warnings.push(`${dropped} of ${rounds.length} launches had no successful requests of both sides and were left out.`)
  }
  const late = rounds.reduce((sum, { lateQuads }) => sum + lateQuads, 0)
  if (late > 0) {
    warnings.push(`Quads in which the harness sent more than 1 % of the requests late were left out: ${late}.`)
  }
  const unpaired = rounds.reduce((sum, round) => sum + (round.pairedRequests > 0 ? round.unpairedQuads : 0), 0)
  if (unpaired > 0) warnings.push(`Quads with successful requests of one side only were left out: ${unpaired}.`)
  if (errors.baseline + errors.candidate > 0) {
    warnings.push(
      `Requests failed: ${errors.baseline} of ${sent.baseline} on the baseline, ${errors.candidate} of ${sent.candidate} on the candidate.`
    )
  }
  return warnings
}
