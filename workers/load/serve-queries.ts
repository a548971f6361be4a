import type { LoadClock } from './load-clock.ts'
import type { Send } from './serve-arrivals.ts'

/** What the instances share while they answer queries of several samples. */
export interface QueryMemory extends SampleTimes {
  readonly buffer: SharedArrayBuffer
  /** Samples taken, samples done. */
  readonly counters: Int32Array<SharedArrayBuffer>
}

/** One element per sample. */
export interface SampleTimes {
  /** In nanoseconds, as `endNs` and from the same origin. */
  readonly startNs: Float64Array
  readonly endNs: Float64Array
  /** 1 where the sample failed. */
  readonly failed: Uint8Array
}

const TAKEN = 0
const DONE = 1
const COUNTER_BYTES = 8
const TIME_BYTES = 8
const BYTES_PER_SAMPLE = 2 * TIME_BYTES + 1
/** A query's other samples take about as long as this instance's; only then is it worth sleeping. */
const SPIN_NS = 50_000
/** The sleep ends by a notification; this is for one that came just before it. */
const SLEEP_MS = 1

export function createQueryMemory(samples: number): QueryMemory {
  const memory = openQueryMemory(new SharedArrayBuffer(COUNTER_BYTES + samples * BYTES_PER_SAMPLE))
  new Uint8Array(memory.buffer).fill(0)
  return memory
}

/** Views on a buffer that {@link createQueryMemory} made, in this thread or in another. */
export function openQueryMemory(buffer: SharedArrayBuffer): QueryMemory {
  const samples = (buffer.byteLength - COUNTER_BYTES) / BYTES_PER_SAMPLE
  return {
    buffer,
    counters: new Int32Array(buffer, 0, 2),
    startNs: new Float64Array(buffer, COUNTER_BYTES, samples),
    endNs: new Float64Array(buffer, COUNTER_BYTES + samples * TIME_BYTES, samples),
    failed: new Uint8Array(buffer, COUNTER_BYTES + 2 * samples * TIME_BYTES, samples)
  }
}

export interface QueryServer {
  readonly memory: QueryMemory
  readonly samplesPerQuery: number
  readonly send: Send
  /** Index of the first sample of the first query. */
  readonly firstIndex: number
  readonly clock: LoadClock
}

/**
 * One of the instances that answer queries, one query after the other: whenever it is free it takes the next sample that
 * nobody has taken, but none of a query before the last sample of the query before is done.
 */
export async function serveQueries({ memory, samplesPerQuery, send, firstIndex, clock }: QueryServer): Promise<void> {
  const { counters, startNs, endNs, failed } = memory
  // All instances have woken up by then; the first query has as many as the others.
  clock.waitUntilNs(0)
  for (let sample = Atomics.add(counters, TAKEN, 1); sample < failed.length; sample = Atomics.add(counters, TAKEN, 1)) {
    const queryStart = sample - (sample % samplesPerQuery)
    if (Atomics.load(counters, DONE) < queryStart) waitForSamples(counters, queryStart, clock)
    startNs[sample] = clock.nowNs()
    try {
      await send(firstIndex + sample)
    } catch {
      failed[sample] = 1
    }
    endNs[sample] = clock.nowNs()
    const done = Atomics.add(counters, DONE, 1) + 1
    if (done % samplesPerQuery === 0) Atomics.notify(counters, DONE)
  }
}

function waitForSamples(counters: Int32Array<SharedArrayBuffer>, wanted: number, clock: LoadClock): void {
  const sleepNs = clock.nowNs() + SPIN_NS
  for (let done = Atomics.load(counters, DONE); done < wanted; done = Atomics.load(counters, DONE)) {
    if (clock.nowNs() >= sleepNs) Atomics.wait(counters, DONE, done, SLEEP_MS)
  }
}
