import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf'
import type { Side } from '#contracts/identifiers.ts'
import { ERROR_MIN_DIFFERENCE, ERROR_P_VALUE } from './judge-settings.ts'
import type { PerSide } from './paired-sample.ts'
import { testMean } from './test-rounds.ts'

export interface ErrorRateComparison {
  readonly differ: boolean
  /** One-sided, towards the side with the higher error rate; null when nothing failed. */
  readonly pValue: number | null
}

/** Beyond this the distribution function loses its digits (seen at 1e9); scaling the counts down only weakens the claim. */
const MAX_EXACT_ERRORS = 1e8

/**
 * Compares error rates exactly: given all errors of both sides, their split is binomial when the rates are equal.
 * docs/statistics.md "Deciding" 1.
 *
 * @param requests all requests sent, failed ones included
 */
export function compareErrorRates(errors: PerSide<number>, requests: PerSide<number>): ErrorRateComparison {
  const total = errors.baseline + errors.candidate
  if (total === 0) return { differ: false, pValue: null }
  const baselineShare = requests.baseline / (requests.baseline + requests.candidate)
  const worse = errors.candidate > total * (1 - baselineShare) ? 'candidate' : 'baseline'
  const scale = Math.min(1, MAX_EXACT_ERRORS / total)
  const others = Math.round((total - errors[worse]) * scale)
  const otherShare = worse === 'candidate' ? baselineShare : 1 - baselineShare
  const pValue = Math.min(1, Math.max(0, binomialCdf(others, Math.round(total * scale), otherShare)))
  const excess = errors[worse] - (total - errors[worse])
  return { differ: pValue < ERROR_P_VALUE && excess >= ERROR_MIN_DIFFERENCE, pValue }
}

type Counts = { readonly errors: PerSide<number>; readonly requests: PerSide<number> }

/**
 * The same where requests wait for each other: one jam fails many of them, so failures come in heaps and are no independent
 * draws. The rates must then differ over the rounds as well, by a t test of the difference of shares; the larger p counts.
 * docs/statistics.md "Open loop".
 *
 * @param rounds `requests` are the successful ones
 */
export function compareErrorRatesOverRounds(rounds: readonly Counts[]): ErrorRateComparison {
  const total = (of: (round: Counts) => number) => rounds.reduce((sum, round) => sum + of(round), 0)
  const errors = {
    baseline: total((round) => round.errors.baseline),
    candidate: total((round) => round.errors.candidate)
  }
  const exact = compareErrorRates(errors, {
    baseline: errors.baseline + total((round) => round.requests.baseline),
    candidate: errors.candidate + total((round) => round.requests.candidate)
  })
  const differences = rounds.flatMap((round) => {
    const shares = [shareOf(round, 'baseline'), shareOf(round, 'candidate')] as const
    return Number.isFinite(shares[0] + shares[1]) ? [shares[1] - shares[0]] : []
  })
  if (exact.pValue === null || differences.length < 2) return { ...exact, differ: false }
  const pValue = Math.max(exact.pValue, testMean(differences).pValue / 2)
  return { differ: exact.differ && pValue < ERROR_P_VALUE, pValue }
}

function shareOf({ errors, requests }: Counts, side: Side): number {
  return errors[side] / (errors[side] + requests[side])
}
