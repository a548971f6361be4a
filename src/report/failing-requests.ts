import type { CaseComparison } from '#stats/verdict.ts'
import { formatCount } from './format-quantity.ts'
import { code, prose, type RichText } from './rich-text.ts'

/**
 * Cases of which the candidate fails more requests than the baseline, beyond chance. They close the gate whatever
 * `on_inconclusive` says: failing fast must not pass for a missing measurement.
 */
export function listFailingMore(cases: readonly CaseComparison[]): readonly CaseComparison[] {
  return cases.filter(({ reason, errors }) => {
    return reason?.kind === 'error_rates_differ' && errors.candidate > errors.baseline
  })
}

/** `12 of 1,012 requests of vad/default/single_stream fail on the candidate, 0 of 1,000 on the baseline`. */
export function describeFailingMore({ id, errors, requests }: CaseComparison): RichText {
  const [before, after] = [
    countFailed(errors.baseline, requests.baseline),
    countFailed(errors.candidate, requests.candidate)
  ]
  return prose`${after} requests of ${code(id)} fail on the candidate, ${before} on the baseline`
}

/** `requests` holds the ones that succeeded. */
function countFailed(failed: number, succeeded: number): string {
  return `${formatCount(failed)} of ${formatCount(failed + succeeded)}`
}
