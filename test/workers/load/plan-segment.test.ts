import { describe, expect, test } from 'vitest'
import { Block } from '#contracts/measurements.ts'
import { MAX_SEGMENT_ARRIVALS, scheduleArrivals } from '#workers/load/arrival-schedule.ts'
import { offeredPerS, planSegment } from '#workers/load/plan-segment.ts'
import { segmentBlock } from '#workers/load/segment-block.ts'
import { decodeSegmentReply, encodeSegmentReply } from '#workers/load/segment-frames.ts'
import { recordBytes } from '#workers/load/segment-memory.ts'
import { simulateSegment } from './simulate-instances.ts'

const SERVER = {
  kind: 'server',
  ratePerS: 200,
  arrival: 'poisson',
  instances: 2,
  timeoutMs: 50,
  maxQueue: 100,
  seed: 3
} as const
const RAMP = {
  kind: 'ramp',
  fromPerS: 10,
  toPerS: 1000,
  steps: 3,
  arrival: 'constant',
  instances: 1,
  slo: { percentile: 'p99', latencyMs: 10 },
  seed: 3
} as const
const BURST = { kind: 'burst', size: 16, everyMs: 100, instances: 1 } as const
const PLACE = { launch: 0, quad: 0, durationNs: 1e9 }

describe('planSegment', () => {
  test('a server keeps its rate and its limits', () => {
    const { plan, limits } = planSegment(SERVER, PLACE)

    expect(plan).toMatchObject({ kind: 'poisson', ratePerS: 200, durationNs: 1e9 })
    expect(limits).toEqual({ timeoutNs: 50e6, maxQueue: 100, cutNs: 3e9 })
  })

  test('each quad and each launch has arrivals of its own, and always the same', () => {
    const seeds = [0, 1].flatMap((launch) => [0, 1].map((quad) => planSegment(SERVER, { ...PLACE, launch, quad }).plan))

    expect(new Set(seeds.map((plan) => JSON.stringify(plan))).size).toBe(4)
    expect(planSegment(SERVER, PLACE)).toEqual(planSegment(SERVER, PLACE))
  })

  test('a ramp takes one step per quad, and begins anew', () => {
    const rates = [0, 1, 2, 3].map((quad) => offeredPerS(planSegment(RAMP, { ...PLACE, quad }).plan))

    expect(rates).toEqual([10, expect.closeTo(100), 1000, 10])
  })

  test('bursts come whole, and at least once', () => {
    expect(planSegment(BURST, { ...PLACE, durationNs: 260e6 }).plan).toMatchObject({ size: 16, bursts: 3 })
    expect(planSegment(BURST, { ...PLACE, durationNs: 1 }).plan).toMatchObject({ bursts: 1 })
    expect(offeredPerS(planSegment(BURST, PLACE).plan)).toBe(160)
  })

  test('no segment is longer than one message', () => {
    const long = { ...PLACE, durationNs: 3600e9 }

    for (const scenario of [
      { ...SERVER, ratePerS: 99_999 },
      { ...BURST, size: 10_000, everyMs: 1 }
    ]) {
      expect(scheduleArrivals(planSegment(scenario, long).plan).length).toBeLessThanOrEqual(MAX_SEGMENT_ARRIVALS)
    }
  })
})

test('an answered segment fills a block', async () => {
  const { plan, limits } = planSegment({ ...SERVER, instances: 1, maxQueue: null }, PLACE)
  const { memory } = await simulateSegment(scheduleArrivals(plan), (index) => (index === 5 ? -6e6 : 6e6), { limits })
  const reply = decodeSegmentReply(
    encodeSegmentReply(recordBytes(memory)),
    { plan, limits },
    { instances: 1, wallNs: 4e9 }
  )
  if (!reply.ok) throw new Error(reply.message)

  const block = segmentBlock(plan, reply)

  expect(Block.parse({ side: 'baseline', launch: 0, quad: 0, wallNs: 4e9, ...block })).toBeDefined()
  expect(block.load).toMatchObject({ offeredPerS: 200, arrivals: 200, late: 0, dropped: 0 })
  // Two hundred requests of 6 ms do not fit into a second.
  expect(block.load?.timedOut).toBeGreaterThan(0)
  expect(block.errors).toBe((block.load?.timedOut ?? 0) + 1)
  expect(block.latenciesNs.length).toBe(200 - block.errors)
})
