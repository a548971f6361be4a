import type { Instances } from '#workers/load/instances.ts'
import { machineNowNs } from '#workers/load/load-clock.ts'
import { createQueryMemory, type SampleTimes } from '#workers/load/serve-queries.ts'
import type { RequestOutcomes } from './closed-loop.ts'

/** From handing out the task until the first query: threads wake up within this, as a rule. One instance is awake. */
const HEAD_START_NS = 300_000

export interface QueryRow {
  readonly queries: number
  readonly samplesPerQuery: number
  /** Index of the first sample among those of the case. */
  readonly firstIndex: number
}

/**
 * Sends `queries` queries, each as soon as the one before is answered: the load of `multi_stream`. The samples of a query are
 * spread over the instances; its latency is from when the first of them was sent until the last was answered. A query with a
 * failed sample has failed.
 */
export async function runMultiStream(
  instances: Instances,
  { queries, samplesPerQuery, firstIndex }: QueryRow
): Promise<RequestOutcomes> {
  const memory = createQueryMemory(queries * samplesPerQuery)
  const originNs = machineNowNs() + (instances.count > 1 ? HEAD_START_NS : 0)
  await instances.work({ kind: 'queries', buffer: memory.buffer, originNs, firstIndex, samplesPerQuery })
  return collectQueries(memory, samplesPerQuery)
}

/** Latencies of whole queries from the times of their samples. */
export function collectQueries({ startNs, endNs, failed }: SampleTimes, samplesPerQuery: number): RequestOutcomes {
  const latenciesNs: number[] = []
  let errors = 0
  for (let from = 0; from < failed.length; from += samplesPerQuery) {
    const to = from + samplesPerQuery
    if (failed.subarray(from, to).includes(1)) {
      errors += 1
      continue
    }
    const sentNs = Math.min(...startNs.subarray(from, to))
    const answeredNs = Math.max(...endNs.subarray(from, to))
    latenciesNs.push(Math.max(1, Math.round(answeredNs - sentNs)))
  }
  return { latenciesNs, errors }
}
