import { type Call, callDirection, type Rule, type RuleOutcome } from '#src/scripts/bench/verdict/rule.ts'
import { median } from '#stats/quantile.ts'
import { testDistributions } from './kolmogorov-smirnov.ts'
import { testRanks } from './mann-whitney.ts'

/** `LowThreshold()` of Pinpoint's thresholds.py. */
const LOW_THRESHOLD = 0.01

/**
 * `HighThreshold('performance', 1.0, attempts)` of thresholds.py, from 10 attempts on: Pinpoint starts with ten and, when
 * no size of difference is given, looks for one interquartile range.
 */
const HIGH_THRESHOLDS: readonly number[] = [0.5708, 0.4702, 0.4026, 0.3299, 0.2803, 0.2291, 0.181, 0.1579, 0.1329]
const FIRST_ATTEMPTS = 10
const ADDED_ATTEMPTS = 10

/**
 * Pinpoint's compare: the smaller p of Kolmogorov-Smirnov and Mann-Whitney; at most 0.01 is different, above the high
 * threshold is the same, between is unknown.
 *
 * @param attempts mean number of attempts of a side, at least ten
 */
export function compareAttempts(
  baseline: readonly number[],
  candidate: readonly number[],
  attempts: number
): 'different' | 'same' | 'unknown' {
  const [first, second] = [ascending(baseline), ascending(candidate)]
  const pValue = Math.min(testDistributions(first, second), testRanks(first, second).pValue)
  if (pValue <= LOW_THRESHOLD) return 'different'
  const high = HIGH_THRESHOLDS[Math.min(attempts, FIRST_ATTEMPTS + HIGH_THRESHOLDS.length - 1) - FIRST_ATTEMPTS]
  return high !== undefined && pValue > high ? 'same' : 'unknown'
}

/** Compares; while unknown, adds ten attempts to the side that has fewer (job_state.py), as far as there are any. */
export function judgeByPinpoint(baseline: readonly number[], candidate: readonly number[]): RuleOutcome {
  let used = {
    baseline: Math.min(FIRST_ATTEMPTS, baseline.length),
    candidate: Math.min(FIRST_ATTEMPTS, candidate.length)
  }
  for (;;) {
    const [first, second] = [baseline.slice(0, used.baseline), candidate.slice(0, used.candidate)]
    const answer = compareAttempts(first, second, Math.floor((used.baseline + used.candidate) / 2))
    const outcome = { baselineRuns: used.baseline, candidateRuns: used.candidate }
    if (answer !== 'unknown') return { ...outcome, call: callOf(answer, first, second) }
    const next = addAttempts(used, { baseline: baseline.length, candidate: candidate.length })
    if (next === null) return { ...outcome, call: 'undecided' }
    used = next
  }
}

function callOf(answer: 'different' | 'same', baseline: readonly number[], candidate: readonly number[]): Call {
  return answer === 'same' ? 'pass' : callDirection(median(candidate) - median(baseline))
}

interface Attempts {
  readonly baseline: number
  readonly candidate: number
}

function addAttempts(used: Attempts, most: Attempts): Attempts | null {
  const side = used.baseline <= used.candidate && used.baseline < most.baseline ? 'baseline' : 'candidate'
  if (used[side] >= most[side]) return null
  return { ...used, [side]: Math.min(most[side], used[side] + ADDED_ATTEMPTS) }
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((left, right) => left - right)
}

export const pinpoint: Rule = {
  name: 'Pinpoint',
  settings: 'smaller p of Kolmogorov-Smirnov and Mann-Whitney over runs, one mean a run, 10 runs and more when unknown',
  source: 'https://chromium.googlesource.com/catapult/+/HEAD/dashboard/dashboard/pinpoint/models/compare/compare.py',
  feeds: ['sequential', 'interleaved'],
  judge: ({ baseline, candidate }) =>
    judgeByPinpoint(
      baseline.map((run) => run.meanNs),
      candidate.map((run) => run.meanNs)
    )
}
