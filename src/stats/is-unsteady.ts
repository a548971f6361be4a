import { decidingMetricsOf } from '#contracts/metric.ts'
import type { CaseRounds } from './assess-case.ts'
import { type DecidedCase, decideRun } from './decide-run.ts'
import type { JudgeOptions } from './judge-settings.ts'

/**
 * Whether the sides still drift apart within the rounds in a way that keeps a case from being decided. A longer warm-up may
 * settle it: measuring starts over once, with a longer warm-up. docs/statistics.md "Steadiness".
 *
 * @param cases as for `lookAt`; ask at a look that does not stop
 */
export function isUnsteady(cases: readonly CaseRounds[], options: JudgeOptions = {}): boolean {
  return decideRun(cases, options).cases.some(isHeldUp)
}

function isHeldUp({ scenario, verdict, drift, metrics }: DecidedCase): boolean {
  if (drift === null || verdict !== 'inconclusive') return false
  return metrics.some(
    ({ metric, verdict, reason }) =>
      reason?.kind === 'not_steady' || (verdict === 'inconclusive' && decidingMetricsOf(scenario).includes(metric))
  )
}
