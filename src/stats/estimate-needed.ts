import tQuantile from '@stdlib/stats-base-dists-t-quantile'
import { decidingMetricsOf } from '#contracts/metric.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import type { DecidedMetric } from './decide-metric.ts'
import type { DecidedCase } from './decide-run.ts'
import type { DecisionRules } from './decision-rules.ts'
import { DETECTION_POWER, marginOf } from './judge-settings.ts'
import type { RoundStatistics } from './summarise-rounds.ts'
import { projectTest } from './test-rounds.ts'
import type { NeededMeasuring } from './verdict.ts'

/** More rounds than this are no advice; the answer stays there. */
const MAX_NEEDED_ROUNDS = 1000

/**
 * What it would still take to settle a case whose intervals are too wide: as many rounds as identical code needs to pass with
 * a chance of 80 % in the widest metric that decides, if later rounds scatter as those so far did.
 *
 * @param rounds all rounds of the case
 * @returns null when the case is not inconclusive for its width, or its intervals are narrow enough
 */
export function estimateNeeded(
  decided: DecidedCase,
  rounds: readonly RoundStatistics[],
  rules: DecisionRules
): NeededMeasuring | null {
  if (decided.verdict !== 'inconclusive' || decided.reason?.kind !== 'straddles_margin') return null
  const deciding = decided.metrics.filter(({ metric }) => decidingMetricsOf(decided.scenario).includes(metric))
  const inTotal = Math.max(0, ...deciding.map((metric) => roundsToFit(metric, decided.rounds, rules)))
  if (inTotal <= decided.rounds) return null
  const wallNs = rounds.reduce((sum, round) => sum + round.wallNs, 0)
  const more = Math.min(inTotal - decided.rounds, MAX_NEEDED_ROUNDS)
  const measuringMs = (more * wallNs) / rounds.length / NS_PER_MS
  return Number.isFinite(measuringMs) ? { rounds: more, measuringMs } : null
}

/** Rounds in total; halves the range, because fitting once means fitting from there on. */
function roundsToFit(metric: DecidedMetric, roundsDone: number, rules: DecisionRules): number {
  if (metric.assessment.kind !== 'tested') return 0
  let fitting = roundsDone + MAX_NEEDED_ROUNDS
  let below = roundsDone - 1
  while (fitting - below > 1) {
    const middle = Math.floor((below + fitting) / 2)
    if (fits(metric, roundsDone, middle, rules)) fitting = middle
    else below = middle
  }
  return fitting
}

/** Half of the interval, and room for an estimate that is off in either direction in one run of five. */
function fits(metric: DecidedMetric, roundsDone: number, rounds: number, rules: DecisionRules): boolean {
  if (metric.assessment.kind !== 'tested') return false
  const later = projectTest(metric.metric, metric.assessment.test, roundsDone, rounds)
  const room = tQuantile(1 - (1 - DETECTION_POWER) / 2, later.degreesOfFreedom) * later.standardError
  return rules.halfWidthOf(later) + room < marginOf(metric.metric, metric.threshold)
}
