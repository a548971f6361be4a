import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import type { ScenarioSpec } from '#contracts/scenario.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { median } from '#stats/quantile.ts'
import { type BlockShape, shapeOf } from './block-shape.ts'
import type { MeasuredRequests } from './measured-requests.ts'
import {
  blockRequests,
  blockTimeoutMs,
  drawQuadOrder,
  drawSideOrder,
  isRoundComplete,
  needsWarmUp,
  type RoundDone,
  roundTermsOf
} from './measuring-rules.ts'

/** Latencies of a side that its present latency is estimated from. */
const RECENT_LATENCIES = 50

/** A block that has been run. */
export interface TimedBlock {
  /** When it was asked for, by a monotonic clock of no particular zero. */
  readonly startMs: number
  readonly wallNs: number
}

export interface CaseDeps<Raw extends TimedBlock> {
  /** Runs one block and returns when it has been answered. */
  readonly run: (side: Side, block: BlockRun) => Raw
  /** Looks into a block that was run. */
  readonly read: (side: Side, block: Raw) => MeasuredRequests
  readonly random: () => number
}

export interface BlockRun {
  readonly caseIndex: number
  readonly requests: number
  readonly timeoutMs: number
  readonly shape: BlockShape
}

export interface CaseToMeasure {
  readonly caseIndex: number
  readonly scenario: ScenarioSpec
  /** Latency of the first inference of each side; the first guess at the block length. */
  readonly firstLatencyNs: Readonly<Record<Side, number>>
  readonly launch: number
  readonly measuring: MeasuringPlan
}

export interface MeasuredCase {
  readonly blocks: readonly Block[]
  /** Requests of the warm-up that each side answered. */
  readonly warmUpAnswers: Readonly<Record<Side, number>>
  /** When each block was asked for: by the clock of {@link TimedBlock}, and from a launch by that of `machineNowMs`. */
  readonly startsMs: readonly number[]
}

/**
 * Warms one case up and measures it for one round, in quads. Both sides have loaded it.
 *
 * Whatever lies between two blocks is part of the hand-over: nothing here is asynchronous, and the blocks are read last.
 */
export function measureCase<Raw extends TimedBlock>(deps: CaseDeps<Raw>, toMeasure: CaseToMeasure): MeasuredCase {
  const { caseIndex, scenario, launch, measuring } = toMeasure
  const { latencyNs, answers: warmUpAnswers } = warmUp(deps, toMeasure)
  const requests = blockRequests(latencyNs)
  const timeoutMs = blockTimeoutMs(requests, latencyNs, measuring.requestTimeoutMs)
  const block = { caseIndex, requests, timeoutMs, shape: shapeOf(scenario) }
  const terms = roundTermsOf(scenario, measuring)
  const ran: { readonly side: Side; readonly quad: number; readonly raw: Raw }[] = []
  let measuredMs = 0
  for (let quad = 0; !isRoundComplete(roundDone(quad, measuredMs, requests), terms); quad += 1) {
    for (const side of drawQuadOrder(deps.random)) {
      const raw = deps.run(side, block)
      measuredMs += raw.wallNs / NS_PER_MS
      ran.push({ side, quad, raw })
    }
  }
  const blocks = ran.map(({ side, quad, raw }) => ({ side, launch, quad, ...deps.read(side, raw) }))
  return { blocks, warmUpAnswers, startsMs: ran.map(({ raw }) => raw.startMs) }
}

function roundDone(quads: number, measuredMs: number, requests: number): RoundDone {
  return { quads, measuredMs, requestsPerSide: 2 * requests * quads }
}

interface WarmUp {
  /** Of both sides together: the mean of their recent medians. */
  readonly latencyNs: number
  /** Requests that each side answered. */
  readonly answers: Readonly<Record<Side, number>>
}

/** Runs both sides in turns until both are warm, in blocks like those that follow. */
export function warmUp<Raw extends TimedBlock>(
  deps: CaseDeps<Raw>,
  { caseIndex, scenario, firstLatencyNs, measuring }: CaseToMeasure
): WarmUp {
  const shape = shapeOf(scenario)
  const done = { baseline: { requests: 0, elapsedMs: 0 }, candidate: { requests: 0, elapsedMs: 0 } }
  const answers: Record<Side, number> = { baseline: 0, candidate: 0 }
  const recent: Record<Side, number[]> = { baseline: [firstLatencyNs.baseline], candidate: [firstLatencyNs.candidate] }
  const estimate = () => (median(recent.baseline) + median(recent.candidate)) / 2
  while (needsWarmUp(done.baseline, measuring) || needsWarmUp(done.candidate, measuring)) {
    const latencyNs = estimate()
    const requests = blockRequests(latencyNs)
    const timeoutMs = blockTimeoutMs(requests, latencyNs, measuring.requestTimeoutMs)
    for (const side of drawSideOrder(deps.random)) {
      const { wallNs, latenciesNs } = deps.read(side, deps.run(side, { caseIndex, requests, timeoutMs, shape }))
      done[side].requests += requests
      answers[side] += latenciesNs.length
      done[side].elapsedMs += wallNs / NS_PER_MS
      if (latenciesNs.length > 0) recent[side] = [...recent[side], ...latenciesNs].slice(-RECENT_LATENCIES)
    }
  }
  return { latencyNs: estimate(), answers }
}
