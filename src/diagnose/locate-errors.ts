import { ERROR_MIN_DIFFERENCE, ERROR_P_VALUE } from '#stats/judge-settings.ts'
import type { CurvePoint } from '#stats/ramp-facts.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import type { Finding } from './diagnosis.ts'

/** Shares of failed requests that differ by less are not told as a step of a ramp. */
const MIN_FAILED_SHARE = 0.01

/** Whether the candidate fails more requests than the baseline, and from which offered rate on. */
export function locateErrors({ errors, requests, facts }: CaseComparison): Finding[] {
  const { baseline, candidate, pValue } = errors
  if (pValue === null || pValue >= ERROR_P_VALUE || candidate - baseline < ERROR_MIN_DIFFERENCE) return []
  const counts = {
    baseline: { failed: baseline, requests: requests.baseline + baseline },
    candidate: { failed: candidate, requests: requests.candidate + candidate }
  }
  if (candidate / counts.candidate.requests <= baseline / Math.max(1, counts.baseline.requests)) return []
  const climb: Finding = { kind: 'errors_climb', counts, pValue }
  if (facts?.kind !== 'ramp') return [climb]
  return [climb, ...findRate(facts.sides.baseline.points, facts.sides.candidate.points)]
}

/** The rate from which on the candidate fails more at every step; none where it does so from the first step on. */
function findRate(baseline: readonly CurvePoint[], candidate: readonly CurvePoint[]): Finding[] {
  const steps = candidate.flatMap((point) => {
    const other = baseline.find(({ ratePerS }) => ratePerS === point.ratePerS)
    return other === undefined ? [] : [{ baseline: other, candidate: point }]
  })
  const lastAlike = steps.findLastIndex(
    (step) => step.candidate.failedShare - step.baseline.failedShare < MIN_FAILED_SHARE
  )
  const first = steps[lastAlike + 1]
  if (first === undefined || lastAlike < 0) return []
  return [
    {
      kind: 'errors_under_load',
      ratePerS: first.candidate.ratePerS,
      failedShares: { baseline: first.baseline.failedShare, candidate: first.candidate.failedShare }
    }
  ]
}
