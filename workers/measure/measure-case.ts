import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { median } from '#stats/quantile.ts'
import { withSide } from './measuring-errors.ts'
import {
  blockRequests,
  blockTimeoutMs,
  drawQuadOrder,
  drawSideOrder,
  isRoundComplete,
  needsWarmUp
} from './measuring-rules.ts'
import type { MeasuredRequests, MeasuringSide } from './side-process.ts'

/** Latencies of a side that its present latency is estimated from. */
const RECENT_LATENCIES = 50

export interface CaseDeps {
  readonly sides: Readonly<Record<Side, MeasuringSide>>
  readonly random: () => number
  readonly signal: AbortSignal
}

export interface CaseToMeasure {
  readonly caseIndex: number
  /** Latency of the first inference of each side; the first guess at the block length. */
  readonly firstLatencyNs: Readonly<Record<Side, number>>
  readonly launch: number
  readonly measuring: MeasuringPlan
}

/** Warms one case up and measures it for one round, in quads. Both sides have loaded it. */
export async function measureCase(deps: CaseDeps, toMeasure: CaseToMeasure): Promise<readonly Block[]> {
  const latencyNs = await warmUp(deps, toMeasure)
  const requests = blockRequests(latencyNs)
  const blocks: Block[] = []
  let measuredMs = 0
  for (let quad = 0; ; quad += 1) {
    const done = { quads: quad, measuredMs, requestsPerSide: 2 * requests * quad }
    if (isRoundComplete(done, toMeasure.measuring.roundMs)) return blocks
    for (const side of drawQuadOrder(deps.random)) {
      const block = await runBlock(deps, toMeasure, { side, requests, latencyNs })
      measuredMs += block.wallNs / NS_PER_MS
      blocks.push({ side, launch: toMeasure.launch, quad, ...block })
    }
  }
}

/**
 * Runs both sides in turns until both are warm, in blocks like those that follow.
 *
 * @returns the latency of both sides together: the mean of their recent medians
 */
async function warmUp(deps: CaseDeps, toMeasure: CaseToMeasure): Promise<number> {
  const { firstLatencyNs, measuring } = toMeasure
  const done = { baseline: { requests: 0, elapsedMs: 0 }, candidate: { requests: 0, elapsedMs: 0 } }
  const recent: Record<Side, number[]> = { baseline: [firstLatencyNs.baseline], candidate: [firstLatencyNs.candidate] }
  const estimate = () => (median(recent.baseline) + median(recent.candidate)) / 2
  while (SIDES.some((side) => needsWarmUp(done[side], measuring))) {
    const latencyNs = estimate()
    const requests = blockRequests(latencyNs)
    for (const side of drawSideOrder(deps.random)) {
      const block = await runBlock(deps, toMeasure, { side, requests, latencyNs })
      done[side].requests += requests
      done[side].elapsedMs += block.wallNs / NS_PER_MS
      if (block.latenciesNs.length > 0) recent[side] = [...recent[side], ...block.latenciesNs].slice(-RECENT_LATENCIES)
    }
  }
  return estimate()
}

function runBlock(
  deps: CaseDeps,
  { caseIndex, measuring }: CaseToMeasure,
  { side, requests, latencyNs }: { readonly side: Side; readonly requests: number; readonly latencyNs: number }
): Promise<MeasuredRequests> {
  const timeoutMs = blockTimeoutMs(requests, latencyNs, measuring.requestTimeoutMs)
  return withSide(side, deps.sides[side].run(caseIndex, requests, { timeoutMs, signal: deps.signal }))
}
