import type { ScenarioSpec } from './scenario.ts'

/** Inferences behind one request: samples of a query, inputs of a batch. */
export function inferencesOf(scenario: ScenarioSpec): number {
  switch (scenario.kind) {
    case 'multi_stream':
      return scenario.samplesPerQuery
    case 'offline':
      return scenario.batchSize
    default:
      return 1
  }
}
