import { afterEach, describe, expect, test } from 'vitest'
import type { FixtureData } from '#test/fixtures/load/instance.ts'
import { type ArrivalPlan, scheduleArrivals } from '#workers/load/arrival-schedule.ts'
import { InstanceThreadError, startInstanceThreads } from '#workers/load/instance-threads.ts'
import type { Instances } from '#workers/load/instances.ts'
import { createSingleInstance } from '#workers/load/instances.ts'
import { decodeSegmentReply, encodeSegmentReply } from '#workers/load/segment-frames.ts'
import { OUTCOME, recordBytes } from '#workers/load/segment-memory.ts'
import { summariseSegment } from '#workers/load/summarise-segment.ts'
import { runMultiStream } from '#workers/scenarios/multi-stream.ts'
import { runOpenLoop } from '#workers/scenarios/open-loop.ts'

const MODULE = new URL('../../fixtures/load/instance.ts', import.meta.url).href
const PLAN: ArrivalPlan = { kind: 'poisson', ratePerS: 500, durationNs: 200e6, seed: 5 }
const LIMITS = { timeoutNs: null, maxQueue: null, cutNs: 10e9 }

const opened: Instances[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((instances) => instances.close()))
})

async function start(count: number, changes: Partial<FixtureData> = {}) {
  const counters = new Int32Array(new SharedArrayBuffer(4))
  const data: FixtureData = { serviceMs: 1, counters, ...changes }
  const instances = await startInstanceThreads(count, { moduleUrl: MODULE, data })
  opened.push(instances)
  return { instances, counters }
}

describe('instances in threads', () => {
  test('answer every request of a segment once, and what they say stands every check', async () => {
    const { instances, counters } = await start(3)
    const askedMs = performance.now()

    const memory = await runOpenLoop(instances, { plan: PLAN, limits: LIMITS, firstIndex: 0 })

    const wallNs = (performance.now() - askedMs) * 1e6
    const body = encodeSegmentReply(recordBytes(memory))
    const reply = decodeSegmentReply(body, { plan: PLAN, limits: LIMITS }, { instances: 3, wallNs })
    expect(reply).toMatchObject({ ok: true })
    expect(Atomics.load(counters, 0)).toBe(100)
    if (!reply.ok) return
    const summary = summariseSegment(reply.arrivalsNs, reply.records)
    expect(summary).toMatchObject({ arrivals: 100, errors: 0, latenciesNs: { length: 100 } })
    expect(Math.min(...summary.serviceNs)).toBeGreaterThanOrEqual(1e6)
    expect(new Set(reply.records.instances).size).toBeGreaterThan(1)
  })

  test('take one segment after the other', async () => {
    const { instances, counters } = await start(2)

    for (const seed of [1, 2, 3]) {
      const memory = await runOpenLoop(instances, { plan: { ...PLAN, seed }, limits: LIMITS, firstIndex: 0 })
      expect(memory.records.outcomes.every((outcome) => outcome === OUTCOME.answered)).toBe(true)
    }

    expect(Atomics.load(counters, 0)).toBe(300)
  })

  test('count failed requests and go on', async () => {
    const { instances } = await start(2, { failAt: 40 })

    const { records } = await runOpenLoop(instances, { plan: PLAN, limits: LIMITS, firstIndex: 0 })

    expect(records.outcomes.filter((outcome) => outcome === OUTCOME.failed).length).toBe(1)
    expect(records.outcomes[40]).toBe(OUTCOME.failed)
  })

  test('share the samples of a query, and no query starts before the last is answered', async () => {
    const { instances, counters } = await start(2)

    const { latenciesNs, errors } = await runMultiStream(instances, { queries: 5, samplesPerQuery: 4, firstIndex: 0 })

    expect({ errors, queries: latenciesNs.length }).toEqual({ errors: 0, queries: 5 })
    expect(Atomics.load(counters, 0)).toBe(20)
    // Four samples of one millisecond on two instances take two at least.
    expect(Math.min(...latenciesNs)).toBeGreaterThanOrEqual(2e6)
  })

  test('that cannot be made are explained', async () => {
    await expect(start(2, { throwOnCreate: true })).rejects.toThrow(/Instance 0 failed: no such model/)
    const wrongModule = { moduleUrl: new URL('./simulate-instances.ts', import.meta.url).href, data: null }
    await expect(startInstanceThreads(1, wrongModule)).rejects.toThrow(/exports no function createInstance/)
    const noModule = { moduleUrl: 'file:///does/not/exist.ts', data: null }
    await expect(startInstanceThreads(1, noModule)).rejects.toBeInstanceOf(InstanceThreadError)
  })

  test('one that ends by itself is an error, and not an endless wait', async () => {
    const { instances } = await start(2, { exitAt: 20 })

    const segment = runOpenLoop(instances, { plan: PLAN, limits: LIMITS, firstIndex: 0 })

    await expect(segment).rejects.toThrow(/Instance \d ended by itself/)
    await expect(runOpenLoop(instances, { plan: PLAN, limits: LIMITS, firstIndex: 0 })).rejects.toBeInstanceOf(
      InstanceThreadError
    )
  })
})

test('one instance works in the thread of its caller', async () => {
  const sent: number[] = []
  const instances = createSingleInstance(async (index) => sent.push(index))

  const memory = await runOpenLoop(instances, { plan: PLAN, limits: LIMITS, firstIndex: 10 })

  expect(sent).toEqual(Array.from({ length: 100 }, (_, index) => index + 10))
  // Nothing was sent before it arrived.
  const arrivalsNs = scheduleArrivals(PLAN)
  expect(memory.records.startNs.every((startNs, index) => startNs >= (arrivalsNs[index] ?? 0))).toBe(true)
})
