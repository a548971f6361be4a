import type { ScenarioSpec } from '#contracts/scenario.ts'

/** How many items one request of the scenario carries. */
export function batchSizeOf(scenario: ScenarioSpec): number {
  switch (scenario.kind) {
    case 'offline':
      return scenario.batchSize
    default:
      return 1
  }
}
