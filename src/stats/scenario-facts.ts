import type { GoodputObjective, LatencyObjective, MeasuredCase } from '#contracts/measurements.ts'
import { collectColdStart, type PhaseFacts } from './cold-start-facts.ts'
import { collectOpenLoop, type OpenLoopFacts } from './open-loop-facts.ts'
import type { PerSide } from './paired-sample.ts'
import { collectRamp, type RampFacts } from './ramp-facts.ts'
import { collectSoak, type SoakFacts } from './soak-facts.ts'
import { collectTokens, type TokenFacts } from './token-facts.ts'

/** What a scenario shows beyond its metrics, for reports: described, not tested. */
export type ScenarioFacts =
  | { readonly kind: 'open_loop'; readonly sides: PerSide<OpenLoopFacts> }
  | { readonly kind: 'ramp'; readonly slo: LatencyObjective | null; readonly sides: PerSide<RampFacts> }
  | { readonly kind: 'cold_start'; readonly phases: readonly PhaseFacts[] }
  | {
      readonly kind: 'generate'
      readonly objective: GoodputObjective | null
      readonly sides: PerSide<TokenFacts>
    }
  | { readonly kind: 'soak'; readonly sides: PerSide<SoakFacts> }

/** @returns null for scenarios that are told by their metrics alone */
export function collectScenarioFacts(measured: MeasuredCase): ScenarioFacts | null {
  const { blocks, scenario, slo, goodput } = measured
  switch (scenario) {
    case 'server':
    case 'burst':
      return { kind: 'open_loop', sides: perSide((side) => collectOpenLoop(blocks, side)) }
    case 'ramp':
      return { kind: 'ramp', slo: slo ?? null, sides: perSide((side) => collectRamp(blocks, side, slo)) }
    case 'cold_start':
      return { kind: 'cold_start', phases: collectColdStart(blocks) }
    case 'generate':
      return {
        kind: 'generate',
        objective: goodput ?? null,
        sides: perSide((side) => collectTokens(blocks, side, goodput))
      }
    case 'soak':
      return { kind: 'soak', sides: perSide((side) => collectSoak(blocks, side)) }
    case 'single_stream':
    case 'multi_stream':
    case 'offline':
    case undefined:
      return null
    default:
      return scenario satisfies never
  }
}

/** A side that does not keep up has no latency of its own: it grows with the length of the segments. */
export function warnOfSaturation(facts: ScenarioFacts): readonly string[] {
  if (facts.kind !== 'open_loop') return []
  return (['baseline', 'candidate'] as const).flatMap((side) => {
    const { offeredPerS, achievedPerS, keepsUp } = facts.sides[side]
    if (keepsUp || offeredPerS === null || achievedPerS === null) return []
    return [
      `The ${side} did not keep up: ${rounded(achievedPerS)} answers per second of ${rounded(offeredPerS)} offered. Its latency grows with the length of the load; compare throughput.`
    ]
  })
}

function rounded(perS: number): number {
  return Number(perS.toPrecision(3))
}

function perSide<T>(collect: (side: 'baseline' | 'candidate') => T): PerSide<T> {
  return { baseline: collect('baseline'), candidate: collect('candidate') }
}
