import { scheduleArrivals } from '#workers/load/arrival-schedule.ts'
import type { Instances } from '#workers/load/instances.ts'
import { machineNowNs } from '#workers/load/load-clock.ts'
import type { SegmentRequest } from '#workers/load/segment-frames.ts'
import { createSegmentMemory, type SegmentMemory } from '#workers/load/segment-memory.ts'

/** From handing out the task until the segment starts: every thread has woken up by then. */
const HEAD_START_NS = 5_000_000

/**
 * Runs one segment of `server`, `burst` or `ramp`: requests are sent when the schedule says, or as soon as an instance is
 * free. Resolves when the last request has been answered or given up.
 */
export async function runOpenLoop(
  instances: Instances,
  { plan, limits, firstIndex }: Pick<SegmentRequest, 'plan' | 'limits' | 'firstIndex'>
): Promise<SegmentMemory> {
  const memory = createSegmentMemory(scheduleArrivals(plan))
  const originNs = machineNowNs() + HEAD_START_NS
  await instances.work({ kind: 'arrivals', buffer: memory.buffer, originNs, firstIndex, limits })
  return memory
}
