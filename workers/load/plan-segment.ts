import type { ScenarioOf } from '#contracts/scenario.ts'
import { MS_PER_S, NS_PER_MS, NS_PER_S } from '#contracts/units.ts'
import { inputSeed } from '#workers/side/random-numbers.ts'
import { type ArrivalPlan, MAX_SEGMENT_ARRIVALS, segmentDurationNs } from './arrival-schedule.ts'
import { rampRates } from './ramp-rates.ts'
import type { SegmentRequest } from './segment-frames.ts'

export type OpenLoopScenario = ScenarioOf<'server'> | ScenarioOf<'burst'> | ScenarioOf<'ramp'>

/** Where a segment stands: all segments of a quad get the same arrivals. */
export interface SegmentPlace {
  readonly launch: number
  readonly quad: number
  /** How long the segment is to be; cut to what fits into one message, and for bursts to whole ones. */
  readonly durationNs: number
}

/** How long a segment may go on after its end until the queue is empty; then what still waits is given up. */
const DRAIN_NS = 2 * NS_PER_S

/** The arrivals of one segment, and when its requests are given up. A ramp takes its steps in turns, one per quad. */
export function planSegment(scenario: OpenLoopScenario, place: SegmentPlace): Pick<SegmentRequest, 'plan' | 'limits'> {
  const plan = planArrivals(scenario, place)
  const timeoutMs = scenario.kind === 'server' ? scenario.timeoutMs : null
  return {
    plan,
    limits: {
      timeoutNs: timeoutMs === null ? null : timeoutMs * NS_PER_MS,
      maxQueue: scenario.kind === 'server' ? scenario.maxQueue : null,
      cutNs: segmentDurationNs(plan) + DRAIN_NS
    }
  }
}

function planArrivals(scenario: OpenLoopScenario, { launch, quad, durationNs }: SegmentPlace): ArrivalPlan {
  if (scenario.kind === 'burst') {
    const { size, everyMs } = scenario
    const most = Math.max(1, Math.floor(MAX_SEGMENT_ARRIVALS / size))
    return { kind: 'burst', size, everyMs, bursts: clamp(Math.round(durationNs / (everyMs * NS_PER_MS)), 1, most) }
  }
  const ratePerS = scenario.kind === 'server' ? scenario.ratePerS : rampStepPerS(scenario, quad)
  const lengthNs = Math.min(durationNs, Math.floor((MAX_SEGMENT_ARRIVALS / ratePerS) * NS_PER_S))
  if (scenario.arrival === 'constant') return { kind: 'constant', ratePerS, durationNs: lengthNs }
  const seed = inputSeed(scenario.seed, `launch ${launch} quad ${quad}`)
  return { kind: 'poisson', ratePerS, durationNs: lengthNs, seed }
}

/** The rate that a quad of a ramp offers. */
export function rampStepPerS({ fromPerS, toPerS, steps }: ScenarioOf<'ramp'>, quad: number): number {
  return rampRates(fromPerS, toPerS, steps)[quad % steps] ?? toPerS
}

/** Requests per second of a segment, on average. */
export function offeredPerS(plan: ArrivalPlan): number {
  return plan.kind === 'burst' ? (plan.size * MS_PER_S) / plan.everyMs : plan.ratePerS
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
