import type { Block } from '#contracts/measurements.ts'
import type { ArrivalPlan } from './arrival-schedule.ts'
import { offeredPerS } from './plan-segment.ts'
import type { SegmentReply } from './segment-frames.ts'
import { summariseSegment } from './summarise-segment.ts'

/**
 * A checked answer as the part of a block that it fills. Requests that were cut off ran out of time, and count as timed out:
 * a rate that needs the cut is not sustained.
 */
export function segmentBlock(
  plan: ArrivalPlan,
  { arrivalsNs, records }: Extract<SegmentReply, { ok: true }>
): Pick<Block, 'latenciesNs' | 'errors' | 'series' | 'load'> {
  const { latenciesNs, queueNs, serviceNs, ...summary } = summariseSegment(arrivalsNs, records)
  return {
    latenciesNs,
    errors: summary.errors,
    series: { queueNs, serviceNs },
    load: {
      offeredPerS: offeredPerS(plan),
      arrivals: summary.arrivals,
      late: summary.late,
      timedOut: summary.timedOut + summary.cut,
      dropped: summary.dropped,
      lastNs: summary.lastNs
    }
  }
}
