import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { countArrivals } from '#workers/load/arrival-schedule.ts'
import { type OpenLoopScenario, planSegment } from '#workers/load/plan-segment.ts'
import { type SegmentRequest, segmentTimeoutMs } from '#workers/load/segment-frames.ts'
import { type CaseDeps, type CaseToMeasure, type MeasuredCase, type TimedBlock, warmUp } from './measure-case.ts'
import type { MeasuredRequests } from './measured-requests.ts'
import { drawQuadOrder } from './measuring-rules.ts'
import { segmentRulesOf } from './segment-rules.ts'

/** A busy machine may stop a process for this long without anything being wrong. */
const SCHEDULING_ALLOWANCE_MS = 1000

export interface SegmentRun {
  readonly request: SegmentRequest
  readonly timeoutMs: number
  readonly instances: number
}

export interface SegmentDeps<Raw extends TimedBlock> extends CaseDeps<Raw> {
  /** Runs one segment and returns when it has been answered. */
  readonly runSegment: (side: Side, run: SegmentRun) => MeasuredRequests & TimedBlock
}

/**
 * Warms one case of an open loop up and measures it for one round, in quads of segments: all four get the same arrivals, so
 * that their luck is the same on both sides. Both sides have loaded it.
 */
export function measureSegments<Raw extends TimedBlock>(
  deps: SegmentDeps<Raw>,
  toMeasure: CaseToMeasure & { readonly scenario: OpenLoopScenario }
): MeasuredCase {
  const { caseIndex, scenario, launch, measuring } = toMeasure
  const { answers: warmUpAnswers } = warmUp(deps, toMeasure)
  const rules = segmentRulesOf(scenario, measuring)
  const blocks: Block[] = []
  const startsMs: number[] = []
  let firstIndex = 0
  for (let quad = 0; quad < rules.quads; quad += 1) {
    const planned = planSegment(scenario, { launch, quad, durationNs: rules.segmentMs(quad) * NS_PER_MS })
    const request: SegmentRequest = { kind: 'segment', caseIndex, firstIndex, ...planned }
    const timeoutMs = Math.ceil(segmentTimeoutMs(request, measuring.requestTimeoutMs) + SCHEDULING_ALLOWANCE_MS)
    for (const side of drawQuadOrder(deps.random)) {
      const run = { request, timeoutMs, instances: scenario.instances }
      const { startMs, ...measured } = deps.runSegment(side, run)
      blocks.push({ side, launch, quad, ...measured })
      startsMs.push(startMs)
    }
    firstIndex += countArrivals(planned.plan)
  }
  return { blocks, warmUpAnswers, startsMs }
}
