import type { Calibration, CaseCalibration, MetricCalibration } from '#contracts/calibration.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { formatDuration, formatPlural } from '#src/report/format-quantity.ts'
import { MIN_COMPARISONS } from '#stats/calibrate-trust.ts'
import { alignColumns } from '../align-columns.ts'
import { biasAsChange, formatSize } from '../format-calibrated.ts'
import { makePrintable } from '../make-printable.ts'

export interface CalibrationReport {
  readonly calibration: Calibration
  readonly title: string
  readonly rounds: number
  readonly elapsedMs: number
  /** `measuring.round_seconds` as the repository configures it now; null for the built-in model, which is nobody's. */
  readonly configuredRoundMs: number | null
  /** Sentences about cases that could not be measured. */
  readonly failures: readonly string[]
}

const FOOTNOTE = `False alarms: comparisons of 6 rounds that one test at 5 % took for a difference; 1 in 20 is chance. Bias: more than zero,
the candidate seemed slower. Launch effect: the part of the noise that longer rounds do not reduce. Smallest change seen:
with 80 % power in a run of these cases, by time with restarts and warm-up.`

/** A calibration as plain text for a terminal. */
export function renderCalibration(report: CalibrationReport): string {
  const { calibration, title, rounds, elapsedMs, failures } = report
  const { fingerprint, cases } = calibration
  const machine = `${fingerprint.hostname}: ${fingerprint.cpuModel}, ${fingerprint.device}, ${fingerprint.os}`
  const versions = `onnxruntime ${fingerprint.onnxruntimeVersion}, Node.js ${fingerprint.nodeVersion}, sandbox: ${fingerprint.sandbox}`
  const parts = [
    [
      `Calibration with ${makePrintable(title)}, the same commit on both sides`,
      ...[machine, versions, `${rounds} rounds in ${formatDuration(elapsedMs)}`].map(
        (line) => `  ${makePrintable(line)}`
      )
    ],
    ...cases.map(renderCase),
    ...(cases.length > 0 ? [[FOOTNOTE]] : []),
    ...(failures.length > 0 ? [['Not measured:', ...failures.map((line) => `- ${makePrintable(line)}`)]] : []),
    describeTrust(calibration),
    describeRecommendation(report)
  ]
  const printed = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return `${printed.join('\n\n')}\n`
}

function renderCase({ caseId, roundMs, overheadMs, metrics }: CaseCalibration): string[] {
  const times = metrics[0]?.detectable.map(({ wallMs }) => `after ${Math.round(wallMs / MS_PER_S)} s`) ?? []
  const headers = ['metric', 'false alarms', 'bias', 'p', 'noise per round', 'launch effect', ...times]
  return [
    `${makePrintable(caseId)}: a round measures ${formatDuration(roundMs)}; restarts and warm-up take ${formatDuration(overheadMs)} more`,
    ...alignColumns([headers, ...metrics.map(renderMetric)], 'number')
  ]
}

function renderMetric(row: MetricCalibration): string[] {
  return [
    row.metric.replace('_', ' '),
    `${row.falseAlarms} of ${row.comparisons}`,
    formatBias(row),
    row.biasPValue < 0.001 ? '< 0.001' : row.biasPValue.toFixed(3),
    formatSize(row.metric, row.roundSd),
    describeLaunchEffect(row),
    ...row.detectable.map(({ change }) => formatSize(row.metric, change))
  ]
}

function describeLaunchEffect({ metric, launchSd }: MetricCalibration): string {
  if (launchSd !== null) return formatSize(metric, launchSd)
  return metric === 'p50' || metric === 'throughput' ? 'not seen' : '–'
}

function formatBias(row: MetricCalibration): string {
  const change = biasAsChange(row)
  const text = formatSize(row.metric, Math.abs(change))
  return Number.parseFloat(text) === 0 ? text : `${change > 0 ? '+' : '−'}${text}`
}

function describeTrust({ trust, problems, cases }: Calibration): string[] {
  switch (trust) {
    case 'trusted':
      return ['TRUSTED: identical commits differed no more often than chance explains, and neither side was favoured.']
    case 'untrusted':
      return [
        'UNTRUSTED: this machine tells identical commits apart.',
        ...problems.map((problem) => `- ${makePrintable(problem)}`),
        'Verdicts that it measures are inconclusive until a newer calibration trusts it. What to do: stop other work on it, fix',
        'the clock of its cores, give it cores of its own (docs/operations.md), then calibrate again. A bias that stays on a',
        'quiet machine is a fault of the measuring: report it with the file of --measurements.'
      ]
    case 'too_short': {
      const comparisons = Math.min(...cases.map(({ metrics }) => metrics[0]?.comparisons ?? 0))
      return [
        `TOO SHORT: ${formatPlural(cases.length === 0 ? 0 : comparisons, 'comparison')} cannot tell whether to trust this machine; ${MIN_COMPARISONS} can. Leave --comparisons out.`
      ]
    }
    default:
      return trust satisfies never
  }
}

/** One setting for all cases, so the longest that any of them asks for. */
function describeRecommendation({ calibration, configuredRoundMs }: CalibrationReport): string[] {
  const recommended = calibration.cases.flatMap(({ recommendedRoundMs }) => recommendedRoundMs ?? [])
  if (recommended.length === 0) return []
  const seconds = Math.max(...recommended) / MS_PER_S
  const sentence = `A given certainty is reached soonest with rounds of ${seconds} s`
  if (configuredRoundMs === null) return [`${sentence} for this model; --repo tells it for your own.`]
  return [
    `${sentence} (${configuredRoundMs / MS_PER_S} s is set). In .github/tailgate.yml on the base branch:`,
    `  measuring: { round_seconds: ${seconds} }`
  ]
}
