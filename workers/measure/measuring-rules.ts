import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { ScenarioSpec } from '#contracts/scenario.ts'
import { MS_PER_S, NS_PER_MS } from '#contracts/units.ts'
import { MAX_BLOCK_REQUESTS } from '#workers/side/frames.ts'

/** Target length of a block. The shorter the blocks, the more noise cancels: docs/statistics.md "Why this way". */
const BLOCK_MS = 5
/** Requests per side that a round must have; the windows of p95 and p99 need them. docs/statistics.md "Measuring" 4. */
const MIN_REQUESTS_PER_SIDE = 120
const MIN_TEXTS_PER_SIDE = 8
const WARM_UP_TEXTS_MAX = 3
/**
 * Up to this latency a round gets those requests, however long it takes. Slower models are judged by p50 and throughput
 * where the windows of the tail do not fill: docs/statistics.md "Measuring" 4.
 */
const SLOW_REQUEST_MS = 100
/** A round is cut once it has used this many times its measuring time, and at least the time that the above allows. */
const MAX_ROUND_OVERRUN = 3
const MIN_CUT_MS = 2 * MIN_REQUESTS_PER_SIDE * SLOW_REQUEST_MS
/**
 * A round with so many requests is complete, however long a round is meant to be. The launch is the statistical unit
 * (docs/statistics.md "Measuring" 2): what differs between rounds is what widens an interval, and p99 has 83 windows of 60 by
 * now. It bounds a result of a model of microseconds, which would have millions of latencies.
 */
const ENOUGH_REQUESTS_PER_SIDE = 5000
/** A soak looks at what happens over time, so it may have many more. */
const ENOUGH_SOAK_REQUESTS_PER_SIDE = 50_000
/** docs/statistics.md "Measuring" 4; both sides together. */
const MIN_ROUND_MS = 1000
const MIN_QUADS = 2

/** Requests in a block for a model of this latency: clamp(ceil(5 ms / latency), 1, 50). docs/statistics.md "Measuring" 3. */
export function blockRequests(latencyNs: number): number {
  const requests = Math.ceil((BLOCK_MS * NS_PER_MS) / latencyNs)
  return Math.min(MAX_BLOCK_REQUESTS, Math.max(1, Number.isFinite(requests) ? requests : 1))
}

/** ABBA or BAAB, with the baseline as A. */
export function drawQuadOrder(random: () => number): readonly Side[] {
  return random() < 0.5
    ? ['baseline', 'candidate', 'candidate', 'baseline']
    : ['candidate', 'baseline', 'baseline', 'candidate']
}

/** Both sides, in random order. */
export function drawSideOrder(random: () => number): readonly Side[] {
  return random() < 0.5 ? ['baseline', 'candidate'] : ['candidate', 'baseline']
}

/** A shuffled copy (Fisher–Yates). */
export function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  const left = [...items]
  const shuffled: Item[] = []
  while (left.length > 0) shuffled.push(...left.splice(Math.floor(random() * left.length), 1))
  return shuffled
}

export interface WarmUpDone {
  readonly requests: number
  readonly elapsedMs: number
}

/** Whether a side needs more warm-up: the larger of the requests and the time asked for, unless the cap is reached. */
export function needsWarmUp(
  done: WarmUpDone,
  plan: Pick<MeasuringPlan, 'warmUpRequests' | 'warmUpMs' | 'warmUpCapMs'>
): boolean {
  if (done.elapsedMs >= plan.warmUpCapMs) return false
  return done.requests < plan.warmUpRequests || done.elapsedMs < plan.warmUpMs
}

/**
 * How much longer the warm-up is after starting over. The written procedure doubles a second of it; a quarter of a second,
 * four times, is that second. docs/statistics.md "A shorter warm-up".
 */
export const STARTED_OVER_FACTOR = 4

/** For starting over where the sides were not warm. docs/statistics.md "Steadiness". */
export function lengthenWarmUp(plan: MeasuringPlan): MeasuringPlan {
  return {
    ...plan,
    warmUpRequests: STARTED_OVER_FACTOR * plan.warmUpRequests,
    warmUpMs: STARTED_OVER_FACTOR * plan.warmUpMs,
    warmUpCapMs: STARTED_OVER_FACTOR * plan.warmUpCapMs
  }
}

/**
 * The warm-up of one case: long enough that every shape has been fed. A text is many inferences, so a few are enough.
 *
 * @param coveringRequests after which every shape has been fed
 */
export function warmUpFor(scenario: ScenarioSpec, measuring: MeasuringPlan, coveringRequests: number): MeasuringPlan {
  const { warmUpRequests } = measuring
  const most = scenario.kind === 'generate' ? WARM_UP_TEXTS_MAX : warmUpRequests
  return { ...measuring, warmUpRequests: Math.max(coveringRequests, Math.min(warmUpRequests, most)) }
}

export interface RoundDone {
  readonly quads: number
  /** Both sides together. */
  readonly measuredMs: number
  readonly requestsPerSide: number
}

/** What a round of one case must have. */
export interface RoundTerms {
  readonly roundMs: number
  readonly minRequestsPerSide: number
  readonly enoughRequestsPerSide: number
}

/**
 * A soak is as long as it is configured. A text that is generated has many tokens, whose gaps fill the windows of p95: a few
 * texts are enough.
 */
export function roundTermsOf(scenario: ScenarioSpec, { roundMs }: Pick<MeasuringPlan, 'roundMs'>): RoundTerms {
  const usual = {
    roundMs,
    minRequestsPerSide: MIN_REQUESTS_PER_SIDE,
    enoughRequestsPerSide: ENOUGH_REQUESTS_PER_SIDE
  }
  switch (scenario.kind) {
    case 'soak':
      return { ...usual, roundMs: scenario.seconds * MS_PER_S, enoughRequestsPerSide: ENOUGH_SOAK_REQUESTS_PER_SIDE }
    case 'generate':
      return { ...usual, minRequestsPerSide: MIN_TEXTS_PER_SIDE }
    default:
      return usual
  }
}

/** Whether one case has been measured enough in this round. */
export function isRoundComplete(done: RoundDone, terms: RoundTerms): boolean {
  const { roundMs, minRequestsPerSide, enoughRequestsPerSide } = terms
  if (done.quads < MIN_QUADS) return false
  if (done.measuredMs >= Math.max(MAX_ROUND_OVERRUN * roundMs, MIN_CUT_MS)) return true
  if (done.measuredMs >= MIN_ROUND_MS && done.requestsPerSide >= enoughRequestsPerSide) return true
  return done.measuredMs >= roundMs && done.requestsPerSide >= minRequestsPerSide
}

/** A busy machine may stop a process for this long without anything being wrong. */
const SCHEDULING_ALLOWANCE_MS = 1000

/**
 * How long to wait for a block before its side counts as hung. One request may use the whole allowance of a request; the
 * block as a whole may take twenty times what was expected.
 */
export function blockTimeoutMs(requests: number, latencyNs: number, requestTimeoutMs: number): number {
  const expectedMs = (requests * latencyNs) / NS_PER_MS
  return Math.ceil(requestTimeoutMs + 20 * expectedMs + SCHEDULING_ALLOWANCE_MS)
}
