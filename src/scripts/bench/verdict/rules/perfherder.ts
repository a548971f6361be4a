import type { Call, Rule } from '#src/scripts/bench/verdict/rule.ts'

/** Treeherder's settings: PERFHERDER_ALERTS_*_WINDOW, PERFHERDER_REGRESSION_THRESHOLD, and `t_threshold`. */
const MIN_BACK_WINDOW = 12
const MAX_BACK_WINDOW = 24
const FORE_WINDOW = 12
const MIN_CHANGE = 0.02
const MIN_T = 7

/**
 * Perfherder's t: difference of weighted means over the root of the summed squared errors. Results nearer to the change
 * weigh more, linearly; the variance is the plain one around the weighted mean (perfalert, `analyze` and `calc_t`).
 *
 * @param back results before the change, newest first
 * @param fore results from the change on, oldest first
 */
export function perfherderT(back: readonly number[], fore: readonly number[]): number {
  const [before, after] = [weigh(back), weigh(fore)]
  if (after.mean === before.mean) return 0
  return (after.mean - before.mean) / Math.sqrt(before.variance / back.length + after.variance / fore.length)
}

function weigh(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const weights = values.map((_, index) => (values.length - index) / values.length)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = values.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0) / total
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) }
}

/** @param history oldest first; @param candidate oldest first */
export function judgeByPerfherder(history: readonly number[], candidate: readonly number[]): Call {
  const back = history.slice(-MAX_BACK_WINDOW).reverse()
  const fore = candidate.slice(0, FORE_WINDOW)
  if (back.length < MIN_BACK_WINDOW || fore.length < FORE_WINDOW) return 'undecided'
  const change = weigh(fore).mean / weigh(back).mean - 1
  if (!(Math.abs(perfherderT(back, fore)) > MIN_T) || Math.abs(change) < MIN_CHANGE) return 'pass'
  return change > 0 ? 'regression' : 'improvement'
}

export const perfherder: Rule = {
  name: 'Perfherder',
  settings: 'weighted t > 7 and ≥ 2 % over 12 runs against up to 24 stored ones, one p50 a run',
  source: 'https://github.com/mozilla/treeherder/blob/master/treeherder/perfalert/perfalert/__init__.py',
  feeds: ['history'],
  judge: ({ baseline, candidate }) => {
    const call = judgeByPerfherder(
      baseline.map((run) => run.p50Ns),
      candidate.map((run) => run.p50Ns)
    )
    return { call, baselineRuns: 0, candidateRuns: Math.min(FORE_WINDOW, candidate.length) }
  }
}
