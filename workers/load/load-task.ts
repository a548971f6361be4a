import { createLoadClock } from './load-clock.ts'
import { openSegmentMemory } from './segment-memory.ts'
import { type QueueLimits, type Send, serveArrivals } from './serve-arrivals.ts'
import { openQueryMemory, serveQueries } from './serve-queries.ts'

/** Work that all instances do together. Plain data and shared memory, so that it can be handed to a thread. */
export type LoadTask =
  | {
      readonly kind: 'arrivals'
      readonly buffer: SharedArrayBuffer
      /** By `machineNowNs`. */
      readonly originNs: number
      readonly firstIndex: number
      readonly limits: QueueLimits
    }
  | {
      readonly kind: 'queries'
      readonly buffer: SharedArrayBuffer
      readonly originNs: number
      readonly firstIndex: number
      readonly samplesPerQuery: number
    }

/** Does one instance's part of a task; resolves when nothing of it is left for this instance. */
export async function doLoadTask(task: LoadTask, instance: number, send: Send): Promise<void> {
  const clock = createLoadClock(task.originNs)
  const { firstIndex } = task
  switch (task.kind) {
    case 'arrivals':
      return serveArrivals({
        memory: openSegmentMemory(task.buffer),
        instance,
        send,
        firstIndex,
        limits: task.limits,
        clock
      })
    case 'queries':
      return serveQueries({
        memory: openQueryMemory(task.buffer),
        samplesPerQuery: task.samplesPerQuery,
        send,
        firstIndex,
        clock
      })
  }
}
