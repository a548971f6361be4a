import type { CaseCalibration } from '#contracts/calibration.ts'

/** Model name of the cases that `tailgate calibrate` measures without a repository; the start of their ids. */
export const BUILT_IN_MODEL = 'built-in'

/** Whether a calibrated case tells about the machine alone: it names no repository's model. */
export function isBuiltInCase({ caseId }: Pick<CaseCalibration, 'caseId'>): boolean {
  return caseId.startsWith(`${BUILT_IN_MODEL}/`)
}
