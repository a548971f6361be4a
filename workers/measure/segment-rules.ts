import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { type OpenLoopScenario, rampStepPerS } from '#workers/load/plan-segment.ts'

/** A segment is at least so long, so that a queue has the time to build up. */
const MIN_SEGMENT_MS = 250
/** Arrivals that a segment should have: with fewer there is no tail to speak of. */
const MIN_ARRIVALS = 60
/** No segment is longer, however few requests arrive. */
const MAX_SEGMENT_MS = 10_000
const SEGMENTS_PER_QUAD = 4

/** How the segments of one case are cut in a round. */
export interface SegmentRules {
  /** Quads that a round must have. */
  readonly quads: number
  /** Of each segment in quad `quad`. */
  readonly segmentMs: (quad: number) => number
}

/**
 * A round of `server` or `burst` is as many quads as its measuring time holds, and one at least. A round of `ramp` is one quad
 * per step.
 */
export function segmentRulesOf(scenario: OpenLoopScenario, { roundMs }: Pick<MeasuringPlan, 'roundMs'>): SegmentRules {
  switch (scenario.kind) {
    case 'ramp':
      return { quads: scenario.steps, segmentMs: (quad) => segmentMsAt(rampStepPerS(scenario, quad)) }
    case 'server':
      return fillRound(segmentMsAt(scenario.ratePerS), roundMs)
    case 'burst':
      return fillRound(Math.min(MAX_SEGMENT_MS, Math.max(MIN_SEGMENT_MS, scenario.everyMs)), roundMs)
    default:
      return scenario satisfies never
  }
}

function fillRound(segmentMs: number, roundMs: number): SegmentRules {
  const quads = Math.max(1, Math.round(roundMs / (SEGMENTS_PER_QUAD * segmentMs)))
  return { quads, segmentMs: () => segmentMs }
}

function segmentMsAt(ratePerS: number): number {
  return Math.min(MAX_SEGMENT_MS, Math.max(MIN_SEGMENT_MS, (MIN_ARRIVALS / ratePerS) * MS_PER_S))
}
