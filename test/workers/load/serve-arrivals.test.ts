import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { simulateFifo } from '#src/scripts/bench/load/fifo-queue.ts'
import { OUTCOME } from '#workers/load/segment-memory.ts'
import { NO_LIMITS, simulateSegment } from './simulate-instances.ts'

const Load = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 150 })), { minLength: 1, maxLength: 40 })
  .map((requests) => {
    let nowNs = 0
    const arrivalsNs = Float64Array.from(requests, ([gapNs]) => {
      nowNs += gapNs
      return nowNs
    })
    return { arrivalsNs, servicesNs: requests.map(([, serviceNs]) => serviceNs) }
  })

function outcomesOf(outcomes: Uint8Array): string[] {
  const names = Object.entries(OUTCOME)
  return Array.from(outcomes, (outcome) => names.find(([, number]) => number === outcome)?.[0] ?? 'none')
}

describe('serveArrivals', () => {
  test('is the queue that the recursion of Lindley, or of Kiefer and Wolfowitz, computes', async () => {
    await fc.assert(
      fc.asyncProperty(Load, fc.integer({ min: 1, max: 4 }), async ({ arrivalsNs, servicesNs }, instances) => {
        const serviceNs = (index: number) => servicesNs[index] ?? 1
        const { memory } = await simulateSegment(arrivalsNs, serviceNs, { instances })

        const expected = simulateFifo(arrivalsNs, serviceNs, instances)
        expect([...memory.records.startNs]).toEqual([...expected.startNs])
        expect([...memory.records.endNs]).toEqual([...expected.endNs])
      }),
      { numRuns: 50 }
    )
  })

  test('takes requests in the order of their arrival', async () => {
    await fc.assert(
      fc.asyncProperty(Load, fc.integer({ min: 1, max: 4 }), async ({ arrivalsNs, servicesNs }, instances) => {
        const { sent } = await simulateSegment(arrivalsNs, (index) => servicesNs[index] ?? 1, { instances })

        expect(sent).toEqual(Array.from(arrivalsNs.keys()))
      }),
      { numRuns: 20 }
    )
  })

  test('never sends before the arrival, and one thing at a time', async () => {
    const { memory } = await simulateSegment(Float64Array.of(10, 10, 10, 500), () => 100)

    expect([...memory.records.startNs]).toEqual([10, 110, 210, 500])
    expect([...memory.records.freeNs]).toEqual([0, 110, 210, 310])
  })

  test('a failed request is counted, and takes its time', async () => {
    const { memory } = await simulateSegment(Float64Array.of(0, 0), (index) => (index === 0 ? -100 : 100))

    expect(outcomesOf(memory.records.outcomes)).toEqual(['failed', 'answered'])
    expect([...memory.records.startNs]).toEqual([0, 100])
  })

  test('gives up what has waited too long', async () => {
    const limits = { ...NO_LIMITS, timeoutNs: 150 }
    const { memory, sent } = await simulateSegment(Float64Array.of(0, 1, 2, 3), () => 100, { limits })

    expect(outcomesOf(memory.records.outcomes)).toEqual(['answered', 'answered', 'timedOut', 'timedOut'])
    expect(sent).toEqual([0, 1])
  })

  test('drops the oldest when too many wait', async () => {
    const limits = { ...NO_LIMITS, maxQueue: 2 }
    const { memory } = await simulateSegment(Float64Array.of(0, 1, 2, 3, 4), () => 100, { limits })

    // Four arrive while the first is answered; the last two stay.
    expect(outcomesOf(memory.records.outcomes)).toEqual(['answered', 'dropped', 'dropped', 'answered', 'answered'])
  })

  test('a request that finds a free instance never waits in the queue, however many arrive with it', async () => {
    const limits = { ...NO_LIMITS, maxQueue: 1 }
    const { memory } = await simulateSegment(Float64Array.of(5, 5, 5, 5), () => 100, { instances: 2, limits })

    expect(outcomesOf(memory.records.outcomes)).toEqual(['answered', 'answered', 'dropped', 'answered'])
  })

  test('leaves the queue alone when the time of the segment is up', async () => {
    const limits = { ...NO_LIMITS, cutNs: 200 }
    const { memory } = await simulateSegment(Float64Array.of(0, 1, 2, 3), () => 100, { limits })

    expect(outcomesOf(memory.records.outcomes)).toEqual(['answered', 'answered', 'cut', 'cut'])
  })

  test('numbers requests on from where it is told, so that both sides send the same samples', async () => {
    const { sent } = await simulateSegment(Float64Array.of(0, 1, 2), () => 10, { firstIndex: 70 })

    expect(sent).toEqual([70, 71, 72])
  })
})
