import type { LoadClock } from '#workers/load/load-clock.ts'
import { createSegmentMemory, type SegmentMemory } from '#workers/load/segment-memory.ts'
import { type QueueLimits, serveArrivals } from '#workers/load/serve-arrivals.ts'

export const NO_LIMITS: QueueLimits = { timeoutNs: null, maxQueue: null, cutNs: Number.POSITIVE_INFINITY }

export interface SimulatedSegment {
  readonly memory: SegmentMemory
  /** Indexes in the order in which they were sent. */
  readonly sent: readonly number[]
}

/**
 * Runs the instances' own code on clocks that stand still but for waiting and working. Each instance has a clock; whenever
 * all of them work, the one whose request ends first goes on.
 *
 * @param serviceNs how long request `index` takes; a negative number fails after that time
 */
export async function simulateSegment(
  arrivalsNs: Float64Array,
  serviceNs: (index: number) => number,
  { instances = 1, limits = NO_LIMITS, firstIndex = 0 } = {}
): Promise<SimulatedSegment> {
  const memory = createSegmentMemory(arrivalsNs)
  const sent: number[] = []
  const working: { readonly endNs: number; readonly finish: () => void }[] = []
  const all = Array.from({ length: instances }, (_, instance) => {
    let nowNs = 0
    const clock: LoadClock = {
      nowNs: () => nowNs,
      waitUntilNs: (dueNs) => {
        nowNs = Math.max(nowNs, dueNs)
      }
    }
    const send = (index: number) =>
      new Promise<void>((resolve, reject) => {
        sent.push(index)
        const takesNs = serviceNs(index - firstIndex)
        const endNs = nowNs + Math.abs(takesNs)
        const finish = () => {
          nowNs = endNs
          if (takesNs < 0) reject(new Error('failed'))
          else resolve()
        }
        working.push({ endNs, finish })
      })
    return serveArrivals({ memory, instance, send, firstIndex, limits, clock })
  })
  await settle()
  while (working.length > 0) {
    working.sort((left, right) => left.endNs - right.endNs)
    working.shift()?.finish()
    await settle()
  }
  await Promise.all(all)
  return { memory, sent }
}

/** Everything that does not wait for an answer has happened. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
