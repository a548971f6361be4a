import type { LoadClock } from './load-clock.ts'
import { OUTCOME, type SegmentMemory } from './segment-memory.ts'

/** Sends one request and waits for its answer. The index says which sample it carries. Rejects when the request fails. */
export type Send = (index: number) => Promise<unknown>

/** When a waiting request is given up. All times in nanoseconds. */
export interface QueueLimits {
  /** A request that has waited so long when an instance takes it is given up. Null: none is. */
  readonly timeoutNs: number | null
  /** Most requests that wait; when more do, the oldest are given up. Null: no limit. */
  readonly maxQueue: number | null
  /** From the start of the segment on; what still waits then is given up. */
  readonly cutNs: number
}

export interface ArrivalServer {
  readonly memory: SegmentMemory
  /** Number of this instance, from 0. */
  readonly instance: number
  readonly send: Send
  /** Index of the segment's first request. */
  readonly firstIndex: number
  readonly limits: QueueLimits
  readonly clock: LoadClock
}

/**
 * One of the instances that serve a segment. Whenever it is free it takes the next arrival that nobody has taken, waits for
 * it if it is yet to come, and sends it. All instances together are a queue with one line and several servers, first come,
 * first served; there is no dispatcher between the schedule and them that could be late.
 */
export async function serveArrivals({
  memory,
  instance,
  send,
  firstIndex,
  limits,
  clock
}: ArrivalServer): Promise<void> {
  const { next, arrivalsNs, records } = memory
  let freeNs = 0
  for (let index = Atomics.add(next, 0, 1); index < arrivalsNs.length; index = Atomics.add(next, 0, 1)) {
    records.freeNs[index] = freeNs
    records.instances[index] = instance
    const givenUp = decideGivingUp(arrivalsNs, index, freeNs, limits)
    if (givenUp !== null) {
      records.startNs[index] = freeNs
      records.endNs[index] = freeNs
      records.outcomes[index] = givenUp
      continue
    }
    clock.waitUntilNs(arrivalsNs[index] ?? 0)
    const startNs = clock.nowNs()
    let outcome: number = OUTCOME.answered
    try {
      await send(firstIndex + index)
    } catch {
      // It has no latency: it is counted, and the errors of both sides are compared before any latency.
      outcome = OUTCOME.failed
    }
    freeNs = clock.nowNs()
    records.startNs[index] = startNs
    records.endNs[index] = freeNs
    records.outcomes[index] = outcome
  }
}

/**
 * Whether a request that an instance takes at `freeNs` has been given up before. A request that has not waited never is:
 * it found a free instance.
 *
 * Dropping the oldest at the moment when one too many arrives, and dropping them when an instance next takes one, leave the
 * same requests: those that arrived last.
 */
export function decideGivingUp(
  arrivalsNs: Float64Array,
  index: number,
  freeNs: number,
  { timeoutNs, maxQueue, cutNs }: QueueLimits
): number | null {
  const arrivalNs = arrivalsNs[index] ?? Number.NaN
  if (!(arrivalNs < freeNs)) return null
  if (freeNs >= cutNs) return OUTCOME.cut
  if (timeoutNs !== null && freeNs - arrivalNs >= timeoutNs) return OUTCOME.timedOut
  if (maxQueue === null) return null
  const oneTooManyNs = arrivalsNs[index + maxQueue] ?? Number.POSITIVE_INFINITY
  return oneTooManyNs < freeNs ? OUTCOME.dropped : null
}
