import type { BlockPair } from '#src/scripts/bench/verdict/recorded-launch.ts'
import { type Call, callDirection, callOnAll, type Rule } from '#src/scripts/bench/verdict/rule.ts'

const MIN_Z = 2.6
const MIN_CHANGE = 0.005
const FENCE = 1.5

/**
 * Tango's rule: the mean of paired differences, candidate − baseline, is significant when it is at least 2.6 standard
 * errors from zero and more than 0.5 % of the baseline's mean. Outliers are taken off first.
 */
export function judgeByTango(pairs: readonly BlockPair[]): Call {
  const differences = Float64Array.from(pairs, ({ baseline, candidate }) => candidate - baseline)
  const [low, high] = outlierBounds(differences)
  const kept = pairs.filter(({ baseline, candidate }) => candidate - baseline >= low && candidate - baseline <= high)
  const baselineMean = kept.reduce((sum, pair) => sum + pair.baseline, 0) / kept.length
  const mean = kept.reduce((sum, pair) => sum + pair.candidate - pair.baseline, 0) / kept.length
  const squares = kept.reduce((sum, pair) => sum + (pair.candidate - pair.baseline - mean) ** 2, 0)
  const standardError = Math.sqrt(squares / (kept.length - 1) / kept.length)
  const isSignificant = Math.abs(mean / standardError) >= MIN_Z && Math.abs(mean / baselineMean) > MIN_CHANGE
  return isSignificant ? callDirection(mean) : 'pass'
}

/**
 * Tukey's fences at 1.5 × IQR from the quartiles, but with as many values taken from one end as from the other
 * (`iqr_variance_thresholds`): nothing is taken when one end has no outliers.
 */
export function outlierBounds(values: Float64Array): readonly [low: number, high: number] {
  const sorted = values.slice().sort()
  const count = sorted.length
  const q1 = sorted[Math.floor(count / 4)] ?? Number.NaN
  const q3 = sorted[Math.floor((count * 3) / 4) - 1] ?? Number.NaN
  const reach = FENCE * Math.max(1, q3 - q1)
  const below = sorted.findIndex((value) => value >= q1 - reach)
  const above = count - 1 - sorted.findLastIndex((value) => value < q3 + reach)
  const taken = Math.max(0, Math.min(below, above))
  return [sorted[taken] ?? Number.NaN, sorted[count - 1 - taken] ?? Number.NaN]
}

export const tango: Rule = {
  name: 'Tango',
  settings: 'differences of neighbouring blocks, z ≥ 2.6 and > 0.5 %, with --filter-outliers',
  source: 'https://github.com/bazhenov/tango/blob/main/tango-bench/src/lib.rs',
  feeds: ['interleaved'],
  judge: (evidence) => callOnAll(judgeByTango(evidence.launches.flatMap((launch) => launch.blockPairs)), evidence)
}
