import type { Calibration, CaseCalibration, MetricCalibration } from '#contracts/calibration.ts'
import { leadMetricOf, METRIC_FACTS } from '#contracts/metric.ts'
import { alarmsToDistrust, COMPARISON_ALPHA } from './calibrate-false-alarms.ts'

/** Fewer cannot tell a valid machine from one that errs three times as often. docs/statistics.md "Calibration". */
export const MIN_COMPARISONS = 20

/** Before so many rounds a bias is not looked for. docs/statistics.md "Calibration". */
export const MIN_BIAS_ROUNDS = 50

/** Probability that a valid machine seems biased in any metric of any case. docs/statistics.md "Calibration". */
export const BIAS_ALPHA = 0.01

const MAX_PROBLEMS = 50
const MAX_NAME_LENGTH = 200

/**
 * Whether the machine tells identical commits apart more often than chance does, or treats one side worse. Both checks are
 * corrected for all metrics of all cases: together a valid machine fails them with at most 2.6 %.
 */
export function judgeCalibration(cases: readonly CaseCalibration[]): Pick<Calibration, 'trust' | 'problems'> {
  const rows = cases.flatMap(({ caseId, metrics }) => metrics.map((metric) => ({ caseId, metric })))
  const problems = rows.flatMap(({ caseId, metric }) => {
    const name = `${metric.metric.replaceAll('_', ' ')} of ${caseId.slice(0, MAX_NAME_LENGTH)}`
    return [...findFalseAlarms(name, metric, rows.length), ...findBias(name, metric, rows.length)]
  })
  if (problems.length > 0) return { trust: 'untrusted', problems: problems.slice(0, MAX_PROBLEMS) }
  return { trust: cases.length > 0 && cases.every(isLongEnough) ? 'trusted' : 'too_short', problems: [] }
}

/** The lead metric (p50) is the one that every case has; the others may have lost a round. */
function isLongEnough({ scenario, metrics }: CaseCalibration): boolean {
  const lead = metrics.find(({ metric }) => metric === leadMetricOf(scenario.kind))
  return lead !== undefined && lead.comparisons >= MIN_COMPARISONS && lead.rounds >= MIN_BIAS_ROUNDS
}

function findFalseAlarms(name: string, { comparisons, falseAlarms }: MetricCalibration, tests: number): string[] {
  const limit = alarmsToDistrust(comparisons, tests)
  if (limit === null || falseAlarms < limit) return []
  const percent = 100 * COMPARISON_ALPHA
  return [
    `${name}: ${falseAlarms} of ${comparisons} comparisons of identical commits differed at ${percent} %; chance explains at most ${limit - 1}.`
  ]
}

function findBias(name: string, metric: MetricCalibration, tests: number): string[] {
  if (metric.rounds < MIN_BIAS_ROUNDS || metric.biasPValue > BIAS_ALPHA / tests) return []
  return [
    `${name}: ${describeBias(metric)} with the same commit on both sides (p = ${metric.biasPValue.toPrecision(2)}, ${metric.rounds} rounds).`
  ]
}

function describeBias({ metric, bias }: MetricCalibration): string {
  if (metric === 'slow_share') {
    const points = Math.abs(100 * bias).toPrecision(2)
    return `the candidate had ${points} percentage points ${bias > 0 ? 'more' : 'fewer'} slow requests than the baseline`
  }
  const { change, subject, unit } = METRIC_FACTS[metric]
  if (change === 'difference') {
    const size =
      unit === 'share'
        ? `${Math.abs(100 * bias).toPrecision(2)} percentage points`
        : `${Math.abs(bias).toPrecision(2)} ${unit}`
    return `the candidate was ${size} ${bias > 0 ? 'worse' : 'better'} in ${subject} than the baseline`
  }
  const percent = Math.abs(100 * Math.expm1(bias)).toPrecision(2)
  return `the candidate was ${percent} % ${bias > 0 ? 'slower' : 'faster'} than the baseline`
}
