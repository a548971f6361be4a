import type { Call, Rule } from '#src/scripts/bench/verdict/rule.ts'
import { median } from '#stats/quantile.ts'

const IQR_MULTIPLIER = 3
const MAX_HISTORY = 30

/**
 * rustc-perf's significance threshold: Q3 + 3 × IQR of the absolute relative changes between neighbouring results. Q1 and
 * Q3 are the medians of the lower and upper half (docs/comparison-analysis.md).
 *
 * @param history results, oldest first; at least three
 */
export function significanceThreshold(history: readonly number[]): number {
  const changes = history
    .slice(1)
    .map((value, index) => Math.abs(value / (history[index] ?? Number.NaN) - 1))
    .sort((left, right) => left - right)
  const half = Math.floor(changes.length / 2)
  const [lower, upper] = [median(changes.slice(0, half)), median(changes.slice(changes.length - half))]
  return upper + IQR_MULTIPLIER * (upper - lower)
}

/** Compares with the newest result of the history, the parent commit. */
export function judgeByRustcPerf(history: readonly number[], candidate: number): Call {
  const parent = history.at(-1)
  if (parent === undefined || history.length < 3) return 'undecided'
  const change = candidate / parent - 1
  if (Math.abs(change) <= significanceThreshold(history.slice(-MAX_HISTORY))) return 'pass'
  return change > 0 ? 'regression' : 'improvement'
}

export const rustcPerf: Rule = {
  name: 'rustc-perf',
  settings: 'p50 of one run against the run before, Q3 + 3 × IQR of up to 30 runs (rustc-perf counts instructions)',
  source: 'https://github.com/rust-lang/rustc-perf/blob/master/docs/comparison-analysis.md',
  feeds: ['history'],
  judge: ({ baseline, candidate }) => {
    const history = baseline.map((run) => run.p50Ns)
    const [first] = candidate
    const call = first === undefined ? 'undecided' : judgeByRustcPerf(history, first.p50Ns)
    return { call, baselineRuns: 0, candidateRuns: 1 }
  }
}
