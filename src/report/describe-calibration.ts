import type { CaseCalibration, DetectableChange, MetricCalibration, WorkerCalibration } from '#contracts/calibration.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { describeSize, formatPercent } from './format-change.ts'
import { formatForecast, formatPlural } from './format-quantity.ts'
import { code, prose, type RichText } from './rich-text.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

/** p50 is what everybody looks at first; `tailgate doctor` has the other metrics. */
const SHOWN_METRIC = 'p50'
/** Measuring time that the smallest detectable change is given for, where the calibration has it. */
const SHOWN_MEASURING_MS = 10 * MS_PER_S
const PROBLEMS_SHOWN_MAX = 3
const COMMAND = code('tailgate calibrate')

/** What the machine is known to get wrong by itself, in one line of every report. */
export function describeCalibration(calibration: WorkerCalibration | null): RichText {
  if (calibration === null) return prose`This machine has never been calibrated: ${COMMAND}.`
  const day = formatDay(calibration.measuredAt)
  if (calibration.status === 'stale') {
    const changed = joinProblems(calibration.changed)
    return prose`This machine was calibrated on ${day} and is no longer the same (${changed}): run ${COMMAND} again.`
  }
  const { trust, cases, otherModel } = calibration
  const facts = [describeFalseAlarms(cases), ...describeNoise(cases)].filter((fact) => fact !== null)
  const model = otherModel ? ' with another model' : ''
  const short = trust === 'too_short' ? ' That is too little to judge a machine by.' : ''
  if (facts.length === 0) return prose`This machine was calibrated on ${day}${model}.${short}`
  return prose`This machine was calibrated on ${day}${model}: ${facts.join(', ')}.${short}`
}

/** What a calibration that failed means for the verdicts, to stand near the top; null when it did not. */
export function warnOfCalibration(calibration: WorkerCalibration | null): RichText | null {
  if (calibration?.status !== 'current' || calibration.trust !== 'untrusted') return null
  const problems = calibration.problems.length === 0 ? ['It sees changes where there are none'] : calibration.problems
  const why = joinProblems(problems)
  const then = 'What it would have called a regression, an improvement or unchanged is therefore inconclusive.'
  return prose`Warning: this machine failed its calibration: ${why}. ${then} Make it quieter and run ${COMMAND} again.`
}

function joinProblems(problems: readonly string[]): RichText {
  const shown = problems
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map((problem) => proseFromUntrusted(problem.replace(/[.\s]+$/u, '')))
  const more = problems.length - shown.length
  const parts = more > 0 ? [...shown, [`${more} more`]] : shown
  return parts.flatMap((part, index) => (index === 0 ? part : ['; ', ...part]))
}

/** The contract holds an ISO time. */
function formatDay(isoTime: string): string {
  return /^\d{4}-\d{2}-\d{2}/u.exec(isoTime)?.[0] ?? 'an unknown day'
}

function listShown(cases: readonly CaseCalibration[]): readonly MetricCalibration[] {
  return cases.flatMap(({ metrics }) => metrics.filter(({ metric }) => metric === SHOWN_METRIC))
}

/** `1 of 20 comparisons of identical code flagged for p50 (5 % expected)`, over all calibrated cases. */
function describeFalseAlarms(cases: readonly CaseCalibration[]): string | null {
  const shown = listShown(cases)
  const comparisons = shown.reduce((sum, item) => sum + item.comparisons, 0)
  const falseAlarms = shown.reduce((sum, item) => sum + item.falseAlarms, 0)
  if (comparisons === 0) return null
  const all = formatPlural(comparisons, 'comparison')
  return `${falseAlarms} of ${all} of identical code flagged for ${SHOWN_METRIC} (5 % expected)`
}

/** Noise and detectable change of the noisiest case: a promise must hold for each of them. */
function describeNoise(cases: readonly CaseCalibration[]): readonly string[] {
  const [noisiest, ...others] = listShown(cases).toSorted((a, b) => b.roundSd - a.roundSd)
  if (noisiest === undefined) return []
  const which = others.length === 0 ? '' : ` in the noisiest of ${others.length + 1} cases`
  const noise = `noise ${formatPercent(noisiest.roundSd)} per round${which}`
  const entry = findShownTime(noisiest.detectable)
  if (entry === undefined) return [noise]
  const size = describeSize(entry.change, 'up', { unit: 'ns', threshold: null })
  return [noise, `a change of ${size} is seen in ${formatForecast(entry.measuringMs)} of measuring`]
}

function findShownTime(detectable: readonly DetectableChange[]): DetectableChange | undefined {
  const byTime = detectable.toSorted((a, b) => a.measuringMs - b.measuringMs)
  return byTime.find(({ measuringMs }) => measuringMs >= SHOWN_MEASURING_MS) ?? byTime.at(-1)
}
