import type { CaseCalibration } from '#contracts/calibration.ts'

/** Model name of the cases that `tailgate calibrate` measures without a repository; the start of their ids. */
export const BUILT_IN_MODEL = 'built-in'

/** SHA-256 of the file that `builtInModel` makes. */
export const BUILT_IN_SHA256 = '86853afd94eac45e9ee098263620e6ff987a409941496b564e01f75108e66017'

/**
 * Whether a calibrated case tells about the machine alone: it names no repository's model. The bytes decide, because a
 * repository may well have a model called `built-in`.
 */
export function isBuiltInCase({ modelSha256 }: Pick<CaseCalibration, 'modelSha256'>): boolean {
  return modelSha256 === BUILT_IN_SHA256
}
