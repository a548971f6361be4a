/**
 * How a segment's outcome travels to the supervisor. The request is plain JSON ({@link SegmentRequest}); the answer is
 * binary, because it is long and comes while the other side waits:
 *
 *   header    number of requests n (4 bytes), 4 bytes of zero
 *   records   three times n numbers (8 bytes each, float64): freeNs, startNs, endNs; then n outcomes and n instances (1 byte
 *             each), as segment-memory.ts names them
 *
 * Numbers are little-endian, as in the memory of every machine that onnxruntime-node runs on. The side sends what happened
 * to each request and nothing derived from it: the supervisor makes the same schedule and computes latencies itself.
 *
 * Used by both ends, and free of zod, so that it does not slow the side's start.
 */
import { type ArrivalPlan, countArrivals, scheduleArrivals, segmentDurationNs } from './arrival-schedule.ts'
import { OUTCOME, RECORD_BYTES, type SegmentRecords, viewRecords } from './segment-memory.ts'
import { decideGivingUp, type QueueLimits } from './serve-arrivals.ts'

/** One open-loop segment of one case. */
export interface SegmentRequest {
  readonly kind: 'segment'
  readonly caseIndex: number
  readonly plan: ArrivalPlan
  readonly limits: QueueLimits
  /** Index of the segment's first request among those of the case: both sides send the same samples at the same place. */
  readonly firstIndex: number
}

/** Header of the answer. Eight bytes, so that the numbers behind it stay aligned. */
const HEADER_BYTES = 8
/** Clock readings of two threads differ by their alignment; see load-clock.ts. */
const CLOCK_SLACK_NS = 20_000

/** Length of the answer to a request, which is known beforehand: any other length is refused before it is read. */
export function segmentReplyBytes(plan: ArrivalPlan): number {
  return HEADER_BYTES + countArrivals(plan) * RECORD_BYTES
}

/** @param records the bytes of `recordBytes` */
export function encodeSegmentReply(records: Uint8Array): Buffer {
  const reply = Buffer.alloc(HEADER_BYTES + records.length)
  reply.writeUInt32LE(records.length / RECORD_BYTES, 0)
  reply.set(records, HEADER_BYTES)
  return reply
}

export type SegmentReply =
  | { readonly ok: true; readonly arrivalsNs: Float64Array; readonly records: SegmentRecords }
  /** `message` ends the sentence "The side sent …". */
  | { readonly ok: false; readonly message: string }

/**
 * What a side says of a segment, after checking that it can be that: the right length, every request with an outcome, times
 * that are finite, not negative and in order, no request sent before its arrival, instances that exist and do one thing at a
 * time, requests given up by the rules only, and nothing after the moment at which the answer was there.
 *
 * @param wallNs the supervisor's own time between asking and the answer
 */
export function decodeSegmentReply(
  body: Uint8Array,
  request: Pick<SegmentRequest, 'plan' | 'limits'>,
  { instances, wallNs }: { readonly instances: number; readonly wallNs: number }
): SegmentReply {
  const count = countArrivals(request.plan)
  if (body.length !== segmentReplyBytes(request.plan)) return refuse(`${body.length} bytes for ${count} requests`)
  // A copy: the body may start anywhere in its buffer, and numbers must be aligned.
  const bytes = new Uint8Array(body)
  if (new DataView(bytes.buffer).getUint32(0, true) !== count) return refuse('another number of requests')
  const records = viewRecords(bytes.buffer, HEADER_BYTES, count)
  const arrivalsNs = scheduleArrivals(request.plan)
  const checker = { arrivalsNs, records, limits: request.limits, wallNs, instances }
  const freeNs = new Float64Array(instances)
  for (let index = 0; index < count; index += 1) {
    const fault = findFault(checker, index, freeNs)
    if (fault !== null) return refuse(`${fault} for request ${index}`)
  }
  return { ok: true, arrivalsNs, records }
}

interface CheckedSegment {
  readonly arrivalsNs: Float64Array
  readonly records: SegmentRecords
  readonly limits: QueueLimits
  readonly wallNs: number
  readonly instances: number
}

/** @param freeOfNs when each instance became free, as followed so far; updated */
function findFault(segment: CheckedSegment, index: number, freeOfNs: Float64Array): string | null {
  const { records, instances, wallNs } = segment
  const instance = records.instances[index] ?? Number.NaN
  if (!(instance < instances)) return 'an instance that does not exist'
  const freeNs = records.freeNs[index] ?? Number.NaN
  const startNs = records.startNs[index] ?? Number.NaN
  const endNs = records.endNs[index] ?? Number.NaN
  // The end of what the instance did before, to the bit: it is the same reading of the clock.
  if (freeNs !== freeOfNs[instance]) return 'an instance that does two things at a time'
  if (!(startNs >= freeNs && endNs >= startNs)) return 'times out of order'
  if (!(endNs <= wallNs)) return 'an answer after the end'
  freeOfNs[instance] = endNs
  return findOutcomeFault(segment, index)
}

function findOutcomeFault({ arrivalsNs, records, limits }: CheckedSegment, index: number): string | null {
  const freeNs = records.freeNs[index] ?? Number.NaN
  const startNs = records.startNs[index] ?? Number.NaN
  const endNs = records.endNs[index] ?? Number.NaN
  const outcome = records.outcomes[index]
  const givenUp = decideGivingUp(arrivalsNs, index, freeNs, limits)
  if (givenUp !== null) {
    return outcome === givenUp && endNs === freeNs ? null : 'an answer where it had to be given up'
  }
  if (outcome !== OUTCOME.answered && outcome !== OUTCOME.failed) return 'no answer'
  if (!(startNs + CLOCK_SLACK_NS >= (arrivalsNs[index] ?? Number.NaN))) return 'a start before its arrival'
  return endNs > startNs ? null : 'an answer that took no time'
}

/** Longest that a segment can take: until nothing is sent any more, and one request per instance after that. */
export function segmentTimeoutMs(request: Pick<SegmentRequest, 'plan' | 'limits'>, requestTimeoutMs: number): number {
  return Math.max(segmentDurationNs(request.plan), request.limits.cutNs) / 1e6 + 2 * requestTimeoutMs
}

function refuse(message: string): SegmentReply {
  return { ok: false, message }
}
