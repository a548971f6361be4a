import { isDeepStrictEqual } from 'node:util'
import type { Calibration, CaseCalibration, WorkerCalibration } from '#contracts/calibration.ts'
import type { Fingerprint } from '#contracts/fingerprint.ts'
import type { ScenarioSpec } from '#contracts/scenario.ts'
import type { SessionSpec } from '#contracts/session.ts'
import { listChanges } from './list-changes.ts'

/** What makes a measured case the same as a calibrated one. */
export interface CaseFacts {
  /** Of the baseline's model, with all of its files: `hashModel`. */
  readonly modelSha256: string
  readonly session: SessionSpec
  readonly scenario: ScenarioSpec
}

export interface ChooseCalibrationOptions {
  /** Everything that is stored on this machine, in any order. */
  readonly stored: readonly Calibration[]
  /** This machine, now. */
  readonly fingerprint: Fingerprint
  /** The cases of the job that were measured. */
  readonly cases: readonly CaseFacts[]
  readonly isBuiltIn: (item: CaseCalibration) => boolean
}

type Current = Extract<WorkerCalibration, { status: 'current' }>

/**
 * What a worker tells about its own error, from the calibrations on its disk. The newest one of the job's cases counts;
 * without one, the newest of the built-in model. Of a calibration with other repositories' models only the trust is told:
 * their names are nobody else's business. Only when none describes this machine any more is the newest told as stale.
 *
 * @returns null where nothing is stored
 */
export function chooseCalibration(options: ChooseCalibrationOptions): WorkerCalibration | null {
  const { stored, fingerprint, isBuiltIn } = options
  const newestFirst = stored.toSorted((a, b) => Date.parse(b.measuredAt) - Date.parse(a.measuredAt))
  const current = newestFirst.filter((item) => listChanges(item.fingerprint, fingerprint).length === 0)
  return (
    findNewest(current, (item) => options.cases.some((facts) => isSameCase(item, facts)), false) ??
    findNewest(current, isBuiltIn, true) ??
    tellTrustOnly(current[0]) ??
    tellStale(newestFirst[0], fingerprint)
  )
}

function findNewest(
  newestFirst: readonly Calibration[],
  matches: (item: CaseCalibration) => boolean,
  otherModel: boolean
): Current | null {
  for (const { measuredAt, trust, problems, cases } of newestFirst) {
    const matching = cases.filter(matches)
    if (matching.length > 0) return { status: 'current', measuredAt, trust, problems, otherModel, cases: matching }
  }
  return null
}

function isSameCase(item: CaseCalibration, { modelSha256, session, scenario }: CaseFacts): boolean {
  return (
    item.modelSha256 === modelSha256 &&
    isDeepStrictEqual(item.session, session) &&
    isDeepStrictEqual(item.scenario, scenario)
  )
}

const OTHER_MODELS_PROBLEM = 'Calibrated with other models, this machine found differences between identical commits.'

function tellTrustOnly(calibration: Calibration | undefined): Current | null {
  if (calibration === undefined) return null
  const { measuredAt, trust } = calibration
  const problems = trust === 'untrusted' ? [OTHER_MODELS_PROBLEM] : []
  return { status: 'current', measuredAt, trust, problems, otherModel: true, cases: [] }
}

function tellStale(calibration: Calibration | undefined, fingerprint: Fingerprint): WorkerCalibration | null {
  if (calibration === undefined) return null
  const changed = listChanges(calibration.fingerprint, fingerprint)
  return { status: 'stale', measuredAt: calibration.measuredAt, changed }
}
