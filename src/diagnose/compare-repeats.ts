import type { PerSide } from '#stats/paired-sample.ts'
import { median } from '#stats/quantile.ts'

/** A time in repeated profiles of both sides: medians. */
export interface RepeatedTime {
  readonly ns: PerSide<number>
  readonly changeNs: number
  /** More than what repeated profiles of one side differ by. */
  readonly standsOut: boolean
}

/** With fewer profiles of each side their spread says too little. docs/diagnosis.md "Noise". */
export const MIN_PROFILES = 3
/** ONNX Runtime tells times in whole microseconds. */
const RESOLUTION_NS = 1000

/** Of so many profiles of a side one may lie anywhere: something else ran on the machine just then. */
const PROFILES_PER_OUTLIER = 5

/**
 * Compares what repeated profiles say. A change stands out when the medians are further apart than what the profiles of the
 * baseline and those of the candidate differ by, together; of five profiles of a side the one furthest from their median is
 * left out. Of identical normal times 1.4 % stand out with 3 profiles of each side, 0.1 % with 4, 0.8 % with 5, 0.07 % with
 * 6 and 0.01 % with 7 (simulated in the test): six are a good number.
 */
export function compareRepeats(times: PerSide<readonly number[]>): RepeatedTime {
  const ns = { baseline: median(times.baseline), candidate: median(times.candidate) }
  const changeNs = ns.candidate - ns.baseline
  const enough = Math.min(times.baseline.length, times.candidate.length) >= MIN_PROFILES
  const spreadNs = spreadOf(times.baseline, ns.baseline) + spreadOf(times.candidate, ns.candidate)
  return { ns, changeNs, standsOut: enough && Math.abs(changeNs) > Math.max(spreadNs, RESOLUTION_NS) }
}

function spreadOf(values: readonly number[], middle: number): number {
  const outliers = Math.floor(values.length / PROFILES_PER_OUTLIER)
  const near = [...values]
    .sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle))
    .slice(0, values.length - outliers)
  return Math.max(...near) - Math.min(...near)
}
