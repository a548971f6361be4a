import type { ScenarioSpec } from '#contracts/scenario.ts'
import type { RoundTerms } from './summarise-rounds.ts'

/** What the judge has to know of a scenario: for `summariseRounds`, and to be spread into a `MeasuredCase` or `CaseRounds`. */
export function toRoundTerms(scenario: ScenarioSpec): RoundTerms {
  switch (scenario.kind) {
    case 'ramp':
      return { scenario: scenario.kind, slo: scenario.slo }
    case 'generate':
      return scenario.goodput === null
        ? { scenario: scenario.kind }
        : { scenario: scenario.kind, goodput: scenario.goodput }
    default:
      return { scenario: scenario.kind }
  }
}
