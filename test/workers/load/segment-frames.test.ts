import { describe, expect, test } from 'vitest'
import { type ArrivalPlan, scheduleArrivals } from '#workers/load/arrival-schedule.ts'
import { decodeSegmentReply, encodeSegmentReply, segmentReplyBytes } from '#workers/load/segment-frames.ts'
import { OUTCOME, recordBytes, type SegmentRecords, viewRecords } from '#workers/load/segment-memory.ts'
import type { QueueLimits } from '#workers/load/serve-arrivals.ts'
import { NO_LIMITS, simulateSegment } from './simulate-instances.ts'

const PLAN: ArrivalPlan = { kind: 'poisson', ratePerS: 1000, durationNs: 50e6, seed: 3 }
const LIMITS = { timeoutNs: 5e6, maxQueue: 4, cutNs: 45e6 }
const SEEN = { instances: 2, wallNs: 100e6 }
const HEADER_BYTES = 8

async function reply(limits: QueueLimits = LIMITS): Promise<Buffer> {
  const { memory } = await simulateSegment(scheduleArrivals(PLAN), () => 3e6, { instances: 2, limits })
  return encodeSegmentReply(recordBytes(memory))
}

/** The reply with something else in its records. */
async function forge(change: (records: SegmentRecords) => void): Promise<Uint8Array> {
  const bytes = new Uint8Array(await reply(NO_LIMITS))
  change(viewRecords(bytes.buffer, HEADER_BYTES, 50))
  return bytes
}

describe('a segment reply', () => {
  test('arrives as it was sent', async () => {
    const { memory } = await simulateSegment(scheduleArrivals(PLAN), () => 3e6, { instances: 2, limits: LIMITS })
    const body = encodeSegmentReply(recordBytes(memory))

    const decoded = decodeSegmentReply(body, { plan: PLAN, limits: LIMITS }, SEEN)

    expect(body.length).toBe(segmentReplyBytes(PLAN))
    expect(decoded.ok).toBe(true)
    if (!decoded.ok) return
    for (const key of ['freeNs', 'startNs', 'endNs', 'outcomes', 'instances'] as const) {
      expect([...decoded.records[key]]).toEqual([...memory.records[key]])
    }
    expect([...decoded.arrivalsNs]).toEqual([...memory.arrivalsNs])
    // The limits were at work.
    expect(new Set(decoded.records.outcomes).size).toBeGreaterThan(1)
  })

  test('is read wherever it starts in its buffer', async () => {
    const body = await reply()
    const shifted = new Uint8Array(body.length + 3)
    shifted.set(body, 3)

    expect(decodeSegmentReply(shifted.subarray(3), { plan: PLAN, limits: LIMITS }, SEEN).ok).toBe(true)
  })

  test.each<[string, (records: SegmentRecords) => void]>([
    ['a time that is no number', ({ startNs }) => startNs.fill(Number.NaN, 7, 8)],
    ['a time that never comes', ({ endNs }) => endNs.fill(Number.POSITIVE_INFINITY, 49)],
    ['an answer before the request', ({ startNs, endNs }) => endNs.set([(startNs[4] ?? 0) - 1], 4)],
    ['a request before its arrival', ({ startNs }) => startNs.set([0], 0)],
    ['an instance that does not exist', ({ instances }) => instances.fill(2, 9, 10)],
    ['two requests of one instance at a time', ({ instances }) => instances.fill(0)],
    ['a free instance that was not', ({ freeNs }) => freeNs.fill(0, 20, 21)],
    ['a request that nobody took', ({ outcomes }) => outcomes.fill(0, 3, 4)],
    ['an outcome that does not exist', ({ outcomes }) => outcomes.fill(9, 3, 4)],
    ['a slow request given up without a time limit', ({ outcomes }) => outcomes.fill(OUTCOME.timedOut, 3, 4)],
    ['a slow request dropped without a full queue', ({ outcomes }) => outcomes.fill(OUTCOME.dropped, 3, 4)]
  ])('is refused with %s', async (_, change) => {
    const body = await forge(change)

    expect(decodeSegmentReply(body, { plan: PLAN, limits: NO_LIMITS }, SEEN)).toEqual({
      ok: false,
      message: expect.stringMatching(/for request \d+$/)
    })
  })

  test('is refused when it took longer than the time that went by', async () => {
    const body = await forge(() => {})

    expect(decodeSegmentReply(body, { plan: PLAN, limits: NO_LIMITS }, { ...SEEN, wallNs: 40e6 }).ok).toBe(false)
  })

  test('is refused when requests were answered that had to be given up', async () => {
    const body = await forge(() => {})

    expect(decodeSegmentReply(body, { plan: PLAN, limits: LIMITS }, SEEN)).toEqual({
      ok: false,
      message: expect.stringContaining('given up')
    })
  })

  test.each([0, 7, 8, 1307, 1309])('is refused with %i bytes', async (length) => {
    const body = Buffer.concat([await reply(), Buffer.alloc(8)]).subarray(0, length)

    expect(decodeSegmentReply(body, { plan: PLAN, limits: LIMITS }, SEEN).ok).toBe(false)
  })

  test('is refused for another number of requests', async () => {
    const body = await reply()
    body.writeUInt32LE(49, 0)

    expect(decodeSegmentReply(body, { plan: PLAN, limits: LIMITS }, SEEN).ok).toBe(false)
  })
})
