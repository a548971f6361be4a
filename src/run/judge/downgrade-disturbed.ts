import { decideRunVerdict } from '#stats/decide-run.ts'
import type { InconclusiveReason, RunComparison } from '#stats/verdict.ts'
import { downgradeCase } from './downgrade-case.ts'
import type { EnvironmentJudgement } from './judge-environment.ts'

/**
 * Takes back what was found in cases whose machine was disturbed in too many rounds. That also explains why such a case is
 * inconclusive by itself, but for requests that fail more often: these still close the gate.
 *
 * @param environments by case id
 */
export function downgradeDisturbed(
  comparison: RunComparison,
  environments: ReadonlyMap<string, EnvironmentJudgement | null>
): RunComparison {
  const cases = comparison.cases.map((item) => {
    const reason = explainDisturbance(environments.get(item.id) ?? null)
    return reason === null ? item : downgradeCase(item, reason, (own) => own?.kind === 'error_rates_differ')
  })
  const isChanged = cases.some((item, index) => item !== comparison.cases[index])
  return isChanged ? { verdict: decideRunVerdict(cases.map(({ verdict }) => verdict)), cases } : comparison
}

function explainDisturbance(environment: EnvironmentJudgement | null): InconclusiveReason | null {
  const outcome = environment?.outcome
  if (outcome?.kind !== 'inconclusive') return null
  const { why, rounds: ofRounds } = outcome
  return why.kind === 'too_many_discarded'
    ? { kind: 'environment', cause: 'rounds_discarded', rounds: why.discarded, ofRounds }
    : { kind: 'environment', cause: why.kind, rounds: why.rounds, ofRounds }
}
