import type { ScenarioSpec } from '#contracts/case.ts'

/** How many items one request of the scenario carries. */
export function batchSizeOf(scenario: ScenarioSpec): number {
  switch (scenario.kind) {
    case 'single_stream':
      return 1
    case 'offline':
      return scenario.batchSize
  }
}
