import type { Calibration, CaseCalibration, MetricCalibration } from '#contracts/calibration.ts'
import type { Fingerprint } from '#contracts/fingerprint.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { listChanges } from '#workers/calibration/list-changes.ts'
import type { DamagedCalibration, StoredCalibration } from '#workers/calibration/read-calibrations.ts'
import { biasAsChange, formatSize } from '../format-calibrated.ts'
import { type Finding, fine, warning } from './finding.ts'
import { formatAge } from './format-age.ts'

const CHECK = 'calibration'
const AGAIN = 'Calibrate again: tailgate calibrate, as before.'
const UNTRUSTED_ADVICE =
  'Verdicts of this machine are inconclusive until it passes: see "When a machine is untrusted" in docs/operations.md, then calibrate again.'

export interface JudgeCalibrationsOptions {
  readonly calibrations: readonly StoredCalibration[]
  readonly damaged: readonly DamagedCalibration[]
  /** This machine, now. */
  readonly fingerprint: Fingerprint
  readonly nowMs: number
  /** How long a calibration with the built-in model takes. */
  readonly expectedMinutes: number
}

/** What is known of this machine's own error: the newest calibration of each set of cases, and files that cannot be used. */
export function judgeCalibrations(options: JudgeCalibrationsOptions): Finding[] {
  const { calibrations, damaged, expectedMinutes } = options
  const unreadable = damaged.map(({ path, problem }) =>
    warning(CHECK, `${path} is left out. ${problem}`, 'Delete it, or calibrate again.')
  )
  if (calibrations.length === 0) {
    const advice = `Run tailgate calibrate (about ${expectedMinutes} minutes); reports then say how far this machine can be trusted.`
    return [warning(CHECK, 'never calibrated', advice), ...unreadable]
  }
  const groups = Map.groupBy(calibrations, ({ calibration }) => listCaseIds(calibration))
  return [...[...groups.values()].map((group) => judgeGroup(group, options)), ...unreadable]
}

function judgeGroup(group: readonly StoredCalibration[], { fingerprint, nowMs }: JudgeCalibrationsOptions): Finding {
  const [newest, ...older] = group
    .map(({ calibration }) => calibration)
    .toSorted((a, b) => Date.parse(b.measuredAt) - Date.parse(a.measuredAt))
  if (newest === undefined) return fine(CHECK, 'none')
  const age = formatAge(nowMs - Date.parse(newest.measuredAt))
  const count = older.length === 0 ? '' : ` (${older.length} older)`
  const what = `${age}, ${listCaseIds(newest)}${count}`
  const changes = listChanges(newest.fingerprint, fingerprint)
  if (changes.length > 0) return warning(CHECK, `${what}: stale, not used; ${changes.join('; ')}`, AGAIN)
  const details = describeCases(newest.cases)
  switch (newest.trust) {
    case 'trusted':
      return fine(CHECK, `${what}: trusted`, details)
    case 'untrusted':
      return warning(CHECK, `${what}: not trusted. ${newest.problems.join(' ')}`, UNTRUSTED_ADVICE, details)
    case 'too_short':
      return warning(CHECK, `${what}: too short to judge this machine by`, 'Calibrate for longer.', details)
    default:
      return newest.trust satisfies never
  }
}

function listCaseIds({ cases }: Calibration): string {
  const ids = cases.map(({ caseId }) => caseId).toSorted()
  return ids.length === 0 ? 'no case' : ids.join(', ')
}

function describeCases(cases: readonly CaseCalibration[]): string[] {
  return cases.flatMap(({ caseId, metrics }) => {
    const lines = metrics.map((metric) => `${metric.metric.replace('_', ' ')}: ${describeMetric(metric)}`)
    return cases.length === 1 ? lines : [caseId, ...lines.map((line) => `  ${line}`)]
  })
}

/** `1 of 20 false alarms, bias +0.04 %, noise 0.90 % per round, sees 1.60 % in 21 s, 1.20 % in 32 s`, restarts included */
function describeMetric(item: MetricCalibration): string {
  const format = (size: number) => formatSize(item.metric, size)
  const bias = biasAsChange(item)
  return [
    `${item.falseAlarms} of ${item.comparisons} false alarms`,
    `bias ${bias < 0 ? '−' : '+'}${format(Math.abs(bias))}`,
    `noise ${format(item.roundSd)} per round`,
    ...describeDetectable(item, format)
  ].join(', ')
}

/** After the shortest and the longest time. */
function describeDetectable({ detectable }: MetricCalibration, format: (size: number) => string): string[] {
  const [first, ...others] = detectable.toSorted((a, b) => a.wallMs - b.wallMs)
  if (first === undefined) return []
  const shown = [first, ...others.slice(-1)].map(
    ({ change, wallMs }) => `${format(change)} in ${Math.round(wallMs / MS_PER_S)} s`
  )
  return [`sees ${shown.join(', ')}`]
}
