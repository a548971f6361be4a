import type { BlockLoad } from '#contracts/measurements.ts'
import { NS_PER_S } from '#contracts/units.ts'

/**
 * How long a segment was answering: until its last answer, and not less than its arrivals were spread over. Without the rest
 * after the last arrival, which is long in bursts, more would be answered than was offered.
 */
export function segmentSpanNs({ arrivals, offeredPerS, lastNs }: BlockLoad): number {
  return Math.max(lastNs, (NS_PER_S * arrivals) / offeredPerS)
}
