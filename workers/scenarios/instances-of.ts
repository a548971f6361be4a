import type { ScenarioSpec } from '#contracts/scenario.ts'

/** How many sessions of a scenario work at the same time. */
export function instancesOf(scenario: ScenarioSpec): number {
  return 'instances' in scenario ? scenario.instances : 1
}
