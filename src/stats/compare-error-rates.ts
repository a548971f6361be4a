import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf'
import { ERROR_MIN_DIFFERENCE, ERROR_P_VALUE } from './judge-settings.ts'
import type { PerSide } from './paired-sample.ts'

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
