import { CALIBRATION_FORMAT, type Calibration } from '#contracts/calibration.ts'
import { calibrateCases } from '#stats/calibrate-case.ts'
import { judgeCalibration } from '#stats/calibrate-trust.ts'
import { hashModel } from '#workers/calibration/hash-model.ts'
import type { MeasuredIdentities } from './measure-identity.ts'
import { overheadPerCaseMs } from './round-times.ts'

/** From identical code, measured, to what is known of the machine. */
export function buildCalibration({ result, cases, roundsMs }: MeasuredIdentities): Calibration {
  const overheadMs = overheadPerCaseMs(
    roundsMs,
    cases.map((item) => item.result.blocks)
  )
  const calibrated = calibrateCases(
    cases.map(({ spec, result: { models, blocks } }) => ({
      caseId: spec.id,
      modelSha256: hashModel(models.baseline),
      session: spec.baseline.session,
      scenario: spec.scenario,
      overheadMs,
      blocks
    }))
  )
  return {
    format: CALIBRATION_FORMAT,
    measuredAt: result.startedAt,
    fingerprint: result.fingerprint,
    ...judgeCalibration(calibrated),
    cases: calibrated
  }
}
