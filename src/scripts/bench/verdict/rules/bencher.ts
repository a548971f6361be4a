import tQuantile from '@stdlib/stats-base-dists-t-quantile'
import type { Call, Rule } from '#src/scripts/bench/verdict/rule.ts'

/** The example of Bencher's documentation and of its GitHub Actions guide. */
const UPPER_BOUNDARY = 0.99
const MAX_SAMPLE_SIZE = 64

/**
 * Bencher's t-test threshold: alerts above the 99 % point of a t distribution with the mean, the (population) standard
 * deviation and n − 1 degrees of freedom of the results so far.
 */
export function upperLimit(history: readonly number[]): number {
  const mean = history.reduce((sum, value) => sum + value, 0) / history.length
  const variance = history.reduce((sum, value) => sum + (value - mean) ** 2, 0) / history.length
  return mean + tQuantile(UPPER_BOUNDARY, history.length - 1) * Math.sqrt(variance)
}

export function judgeByBencher(history: readonly number[], candidate: number): Call {
  if (history.length < 2) return 'undecided'
  return candidate > upperLimit(history.slice(-MAX_SAMPLE_SIZE)) ? 'regression' : 'pass'
}

export const bencher: Rule = {
  name: 'Bencher, t-test',
  settings: 'mean of one run, upper boundary 0.99, up to 64 stored runs',
  source: 'https://bencher.dev/docs/explanation/thresholds/',
  feeds: ['history'],
  judge: ({ baseline, candidate }) => {
    const history = baseline.map((run) => run.meanNs)
    const [first] = candidate
    const call = first === undefined ? 'undecided' : judgeByBencher(history, first.meanNs)
    return { call, baselineRuns: 0, candidateRuns: 1 }
  }
}
