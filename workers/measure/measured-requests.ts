import type { Block } from '#contracts/measurements.ts'
import type { BlockReply } from '#workers/side/protocol.ts'

/** Clock readings are rounded to nanoseconds, so that sums may be off by this much per request. */
const ROUNDING_NS_PER_REQUEST = 2

/** One block as the supervisor saw it. */
export type MeasuredRequests = Pick<Block, 'wallNs' | 'latenciesNs' | 'errors' | 'series' | 'load'>

/**
 * @param wallNs from just before asking until the reply was there, by the supervisor's clock
 * @returns whether the latencies fit into that
 */
export function fitsIntoWallTime({ latenciesNs, errors }: BlockReply, wallNs: number): boolean {
  let totalNs = -(latenciesNs.length + errors) * ROUNDING_NS_PER_REQUEST
  for (const latencyNs of latenciesNs) totalNs += latencyNs
  return totalNs <= wallNs
}
