import type { CaseCalibration } from '#contracts/calibration.ts'

/** Model name of the cases that `tailgate calibrate` measures without a repository; the start of their ids. */
export const BUILT_IN_MODEL = 'built-in'

/** SHA-256 of the file that `builtInModel` makes. */
export const BUILT_IN_SHA256 = '857938a48cb30f7e72b3660927bf3b2207cbc3ec572a9a670534006798858b14'

/**
 * Whether a calibrated case tells about the machine alone: it names no repository's model. The bytes decide, because a
 * repository may well have a model called `built-in`.
 */
export function isBuiltInCase({ modelSha256 }: Pick<CaseCalibration, 'modelSha256'>): boolean {
  return modelSha256 === BUILT_IN_SHA256
}
