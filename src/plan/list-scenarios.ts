import type { ScenarioKind, ScenarioOf, ScenarioSpec } from '#contracts/scenario.ts'
import type { ScenariosConfig } from '#src/config/scenarios.schema.ts'

/** Seed of every arrival schedule; the worker draws each launch's own from it. */
const SCHEDULE_SEED = 1

export interface PlannedScenario {
  readonly spec: ScenarioSpec
  /** Model ids; null: all of them. */
  readonly models: readonly string[] | null
}

type Settings<Kind extends ScenarioKind> = NonNullable<ScenariosConfig[Kind]>
type Planners = { readonly [Kind in ScenarioKind]: (settings: Settings<Kind>) => ScenarioOf<Kind> }

const PLANNERS: Planners = {
  single_stream: () => ({ kind: 'single_stream' }),
  multi_stream: ({ samples_per_query, instances }) => ({
    kind: 'multi_stream',
    samplesPerQuery: samples_per_query,
    instances
  }),
  offline: ({ batch }) => ({ kind: 'offline', batchSize: batch }),
  server: ({ rate, arrival, instances, timeout_ms, max_queue }) => ({
    kind: 'server',
    ratePerS: rate,
    arrival,
    instances,
    timeoutMs: timeout_ms ?? null,
    maxQueue: max_queue ?? null,
    seed: SCHEDULE_SEED
  }),
  burst: ({ size, every_ms, instances }) => ({ kind: 'burst', size, everyMs: every_ms, instances }),
  ramp: ({ from, to, steps, slo, arrival, instances }) => ({
    kind: 'ramp',
    fromPerS: from,
    toPerS: to,
    steps,
    slo: { percentile: slo.percentile, latencyMs: slo.latency_ms },
    arrival,
    instances,
    seed: SCHEDULE_SEED
  }),
  cold_start: () => ({ kind: 'cold_start' }),
  generate: ({ prompt_tokens, new_tokens, goodput, token_input, logits_output }) => ({
    kind: 'generate',
    promptTokens: prompt_tokens,
    newTokens: new_tokens,
    goodput: goodput === undefined ? null : { ttftMs: goodput.ttft_ms, itlMs: goodput.itl_ms },
    tokenInput: token_input ?? null,
    logitsOutput: logits_output ?? null
  }),
  soak: ({ seconds }) => ({ kind: 'soak', seconds })
}

/** The scenarios that are configured, in the order of the documentation. */
export function listScenarios(scenarios: ScenariosConfig): readonly PlannedScenario[] {
  return [
    ...plan('single_stream', scenarios.single_stream),
    ...plan('multi_stream', scenarios.multi_stream),
    ...plan('offline', scenarios.offline),
    ...plan('server', scenarios.server),
    ...plan('burst', scenarios.burst),
    ...plan('ramp', scenarios.ramp),
    ...plan('cold_start', scenarios.cold_start),
    ...plan('generate', scenarios.generate),
    ...plan('soak', scenarios.soak)
  ]
}

function plan<Kind extends ScenarioKind>(kind: Kind, settings: Settings<Kind> | undefined): readonly PlannedScenario[] {
  if (settings === undefined) return []
  return [{ spec: PLANNERS[kind](settings), models: settings.models ?? null }]
}
