import { expect, test } from 'vitest'
import { createSingleInstance } from '#workers/load/instances.ts'
import { createQueryMemory, serveQueries } from '#workers/load/serve-queries.ts'
import { collectQueries, runMultiStream } from '#workers/scenarios/multi-stream.ts'

test('one instance sends all samples of a query, and then those of the next', async () => {
  const sent: number[] = []
  const instances = createSingleInstance(async (index) => sent.push(index))

  const outcomes = await runMultiStream(instances, { queries: 3, samplesPerQuery: 4, firstIndex: 100 })

  expect(sent).toEqual(Array.from({ length: 12 }, (_, sample) => 100 + sample))
  expect(outcomes.errors).toBe(0)
  expect(outcomes.latenciesNs.length).toBe(3)
  for (const latencyNs of outcomes.latenciesNs) expect(latencyNs).toBeGreaterThan(0)
})

test('a query with a failed sample has failed, and does not stop the others', async () => {
  const instances = createSingleInstance(async (index) => {
    if (index === 3) throw new Error('failed')
  })

  const outcomes = await runMultiStream(instances, { queries: 3, samplesPerQuery: 2, firstIndex: 0 })

  expect(outcomes.errors).toBe(1)
  expect(outcomes.latenciesNs.length).toBe(2)
})

test('a query lasts from its first sample until its last answer', () => {
  const times = {
    startNs: Float64Array.of(0, 5, 30, 31),
    endNs: Float64Array.of(20, 25, 50, 40),
    failed: new Uint8Array(4)
  }

  expect(collectQueries(times, 2)).toEqual({ latenciesNs: [25, 20], errors: 0 })
})

test('no sample of a query is sent before the query before is answered', async () => {
  const memory = createQueryMemory(6)
  let nowNs = 0
  const clock = { nowNs: () => (nowNs += 1), waitUntilNs: () => {} }
  const send = async () => {}

  await serveQueries({ memory, samplesPerQuery: 3, send, firstIndex: 0, clock })

  expect(Math.min(...memory.startNs.subarray(3))).toBeGreaterThan(Math.max(...memory.endNs.subarray(0, 3)))
})
