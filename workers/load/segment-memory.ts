/**
 * What the instances of one segment share: the schedule, the place of the next arrival that nobody has taken, and one record
 * per request. All of it is allocated before the first request, so that nothing is allocated while requests run.
 */
export interface SegmentMemory {
  readonly buffer: SharedArrayBuffer
  /** One element: index of the next request to take. */
  readonly next: Int32Array<SharedArrayBuffer>
  readonly arrivalsNs: Float64Array<SharedArrayBuffer>
  readonly records: SegmentRecords
}

/** One element per request, in the order of their arrivals. Times count in nanoseconds from the start of the segment. */
export interface SegmentRecords {
  /** When the instance that took it became free: the end of its last request, or 0. */
  readonly freeNs: Float64Array
  /** When it was sent, or given up. */
  readonly startNs: Float64Array
  /** When it was answered; that of `startNs` when it was given up. */
  readonly endNs: Float64Array
  readonly outcomes: Uint8Array
  /** Which instance took it, from 0. */
  readonly instances: Uint8Array
}

/** How a request ended; 0 is none of them, so that a record that nobody wrote is not taken for an answer. */
export const OUTCOME = {
  answered: 1,
  failed: 2,
  /** It had waited longer than the time limit when an instance took it. */
  timedOut: 3,
  /** The queue was full, and it was the oldest in it. */
  dropped: 4,
  /** The segment's time was up before its turn came. */
  cut: 5
} as const
export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME]

export const RECORD_BYTES = 26
const COUNTER_BYTES = 8
const TIME_BYTES = 8
const BYTES_PER_REQUEST = TIME_BYTES + RECORD_BYTES

export function createSegmentMemory(arrivalsNs: Float64Array): SegmentMemory {
  const memory = openSegmentMemory(new SharedArrayBuffer(COUNTER_BYTES + arrivalsNs.length * BYTES_PER_REQUEST))
  // Writing touches every page now, so that none has to be mapped while requests run.
  new Uint8Array(memory.buffer).fill(0)
  memory.arrivalsNs.set(arrivalsNs)
  return memory
}

/** Views on a buffer that {@link createSegmentMemory} made, in this thread or in another. */
export function openSegmentMemory(buffer: SharedArrayBuffer): SegmentMemory {
  const count = (buffer.byteLength - COUNTER_BYTES) / BYTES_PER_REQUEST
  return {
    buffer,
    next: new Int32Array(buffer, 0, 1),
    arrivalsNs: new Float64Array(buffer, COUNTER_BYTES, count),
    records: viewRecords(buffer, COUNTER_BYTES + count * TIME_BYTES, count)
  }
}

/** The records alone, which stand together at the end of the memory: what travels to the supervisor. */
export function recordBytes({ buffer, arrivalsNs }: SegmentMemory): Uint8Array {
  return new Uint8Array(buffer, COUNTER_BYTES + arrivalsNs.length * TIME_BYTES)
}

/** @param offset a multiple of eight */
export function viewRecords(buffer: ArrayBufferLike, offset: number, count: number): SegmentRecords {
  const timesBytes = count * TIME_BYTES
  return {
    freeNs: new Float64Array(buffer, offset, count),
    startNs: new Float64Array(buffer, offset + timesBytes, count),
    endNs: new Float64Array(buffer, offset + 2 * timesBytes, count),
    outcomes: new Uint8Array(buffer, offset + 3 * timesBytes, count),
    instances: new Uint8Array(buffer, offset + 3 * timesBytes + count, count)
  }
}
