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

/**
 * Compares what repeated profiles say. A change stands out when the medians are further apart than the smallest and the
 * largest of the baseline and those of the candidate together: of identical normal times 1.3 % do with 3 profiles of each
 * side, 0.1 % with 4 and 0.01 % with 5 (simulated in the test).
 */
export function compareRepeats(times: PerSide<readonly number[]>): RepeatedTime {
  const ns = { baseline: median(times.baseline), candidate: median(times.candidate) }
  const changeNs = ns.candidate - ns.baseline
  const enough = Math.min(times.baseline.length, times.candidate.length) >= MIN_PROFILES
  const spreadNs = rangeOf(times.baseline) + rangeOf(times.candidate)
  return { ns, changeNs, standsOut: enough && Math.abs(changeNs) > Math.max(spreadNs, RESOLUTION_NS) }
}

function rangeOf(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values)
}
