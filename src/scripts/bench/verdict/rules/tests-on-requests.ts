import tCdf from '@stdlib/stats-base-dists-t-cdf'
import { callDirection, callOnAll, type Rule } from '#src/scripts/bench/verdict/rule.ts'
import { testRanks } from './mann-whitney.ts'

const ALPHA = 0.05

export interface WelchTest {
  readonly t: number
  readonly degreesOfFreedom: number
  /** Two-sided. */
  readonly pValue: number
}

/** Welch's t test for unequal variances [Welch1947]; t is more than zero when the second sample is larger. */
export function testWelch(first: Readonly<ArrayLike<number>>, second: Readonly<ArrayLike<number>>): WelchTest {
  const [a, b] = [momentsOf(first), momentsOf(second)]
  const [shareA, shareB] = [a.variance / first.length, b.variance / second.length]
  const t = (b.mean - a.mean) / Math.sqrt(shareA + shareB)
  const degreesOfFreedom =
    (shareA + shareB) ** 2 / (shareA ** 2 / (first.length - 1) + shareB ** 2 / (second.length - 1))
  return { t, degreesOfFreedom, pValue: 2 * tCdf(-Math.abs(t), degreesOfFreedom) }
}

function momentsOf(values: Readonly<ArrayLike<number>>): { readonly mean: number; readonly variance: number } {
  let sum = 0
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? Number.NaN
  const mean = sum / values.length
  let squares = 0
  for (let index = 0; index < values.length; index += 1) squares += ((values[index] ?? Number.NaN) - mean) ** 2
  return { mean, variance: squares / (values.length - 1) }
}

export const mannWhitneyOnRequests: Rule = {
  name: 'Mann-Whitney on requests',
  settings: 'p < 0.05, every request an observation',
  source: 'https://en.wikipedia.org/wiki/Mann%E2%80%93Whitney_U_test',
  feeds: ['sequential', 'interleaved'],
  judge: (evidence) => {
    const { baseline, candidate } = evidence.pooled()
    const { pValue, superiority } = testRanks(baseline, candidate)
    return callOnAll(pValue < ALPHA ? callDirection(superiority - 0.5) : 'pass', evidence)
  }
}

export const welchOnRequests: Rule = {
  name: 'Welch’s t on requests',
  settings: 'p < 0.05, every request an observation',
  source: 'https://en.wikipedia.org/wiki/Welch%27s_t-test',
  feeds: ['sequential', 'interleaved'],
  judge: (evidence) => {
    const { baseline, candidate } = evidence.pooled()
    const { pValue, t } = testWelch(baseline, candidate)
    return callOnAll(pValue < ALPHA ? callDirection(t) : 'pass', evidence)
  }
}
