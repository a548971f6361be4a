import type { WorkerCalibration } from '#contracts/calibration.ts'
import type { InconclusiveReason, RunComparison } from '#stats/verdict.ts'
import { downgradeCase } from './judge/downgrade-case.ts'

/** For a worker that says it is not to be trusted, and not why. */
const NO_PROBLEM_GIVEN = 'Its calibration does not say why.'

/**
 * Takes back what an untrusted worker seems to have found: a machine that sees differences between identical commits
 * proves neither a difference nor the lack of one. Estimates and intervals stay to be seen. What was inconclusive keeps
 * its own reason, so that requests that fail more often still close the gate. A calibration that is stale, too short or
 * missing changes nothing; reports say so.
 */
export function downgradeUntrusted(comparison: RunComparison, calibration: WorkerCalibration | null): RunComparison {
  if (calibration?.status !== 'current' || calibration.trust !== 'untrusted') return comparison
  const problem = calibration.problems[0] ?? NO_PROBLEM_GIVEN
  const reason: InconclusiveReason = { kind: 'untrusted_worker', problem }
  return { verdict: 'inconclusive', cases: comparison.cases.map((item) => downgradeCase(item, reason, () => true)) }
}
