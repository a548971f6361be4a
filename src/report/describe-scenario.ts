import type { ScenarioSpec } from '#contracts/scenario.ts'
import { formatCount, formatPlural, formatWritten } from './format-quantity.ts'

/** A load pattern in words: `server, 100 requests/s (Poisson arrivals), 2 instances`. Our own words and numbers only. */
export function describeScenario(scenario: ScenarioSpec): string {
  switch (scenario.kind) {
    case 'single_stream':
      return 'single stream'
    case 'multi_stream':
      return `multi stream, ${formatPlural(scenario.samplesPerQuery, 'sample')} per query, ${instances(scenario)}`
    case 'offline':
      return `offline, batches of ${scenario.batchSize}`
    case 'server':
      return describeServer(scenario)
    case 'burst':
      return `burst, ${formatPlural(scenario.size, 'request')} every ${formatWritten(scenario.everyMs)} ms, ${instances(scenario)}`
    case 'ramp':
      return describeRamp(scenario)
    case 'cold_start':
      return 'cold start'
    case 'generate':
      return describeGenerate(scenario)
    case 'soak':
      return `soak, ${formatWritten(scenario.seconds)} s per round`
    default:
      return scenario satisfies never
  }
}

type Of<Kind extends ScenarioSpec['kind']> = Extract<ScenarioSpec, { kind: Kind }>

function describeServer({ ratePerS, arrival, timeoutMs, maxQueue, ...rest }: Of<'server'>): string {
  const limits = [
    ...(timeoutMs === null ? [] : [`timeout ${formatWritten(timeoutMs)} ms`]),
    ...(maxQueue === null ? [] : [`at most ${formatCount(maxQueue)} waiting`])
  ]
  return [`server, ${formatWritten(ratePerS)} requests/s (${ARRIVALS[arrival]})`, instances(rest), ...limits].join(', ')
}

function describeRamp({ fromPerS, toPerS, steps, arrival, slo, ...rest }: Of<'ramp'>): string {
  const rates = `${formatWritten(fromPerS)} to ${formatWritten(toPerS)} requests/s in ${steps} steps`
  return `ramp, ${rates} (${ARRIVALS[arrival]}), ${instances(rest)}, ${slo.percentile} at most ${formatWritten(slo.latencyMs)} ms`
}

function describeGenerate({ promptTokens, newTokens, goodput }: Of<'generate'>): string {
  const tokens = `generate, ${formatCount(newTokens)} tokens after a prompt of ${formatCount(promptTokens)}`
  if (goodput === null) return tokens
  return `${tokens}, good within ${formatWritten(goodput.ttftMs)} ms to the first and ${formatWritten(goodput.itlMs)} ms per token`
}

const ARRIVALS = { poisson: 'Poisson arrivals', constant: 'evenly spaced' } as const

function instances({ instances: count }: { readonly instances: number }): string {
  return formatPlural(count, 'instance')
}
