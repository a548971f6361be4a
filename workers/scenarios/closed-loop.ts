import type { Send } from '#workers/load/serve-arrivals.ts'

/** What happened to one row of requests sent back to back. */
export interface RequestOutcomes {
  /** One per successful request, in the order they were sent; at least 1 ns each. */
  readonly latenciesNs: number[]
  /** Requests that failed. */
  readonly errors: number
}

/**
 * Sends `requests` requests, each as soon as the one before has answered: the load of `single_stream` and of `offline`.
 * Only the request itself stands between the two clock readings; sums and rounding come after the last request.
 *
 * @param firstIndex index of the first request among those of the case; the next ones follow it
 */
export async function runClosedLoop(send: Send, requests: number, firstIndex = 0): Promise<RequestOutcomes> {
  const durationsMs = new Float64Array(requests)
  const endIndex = firstIndex + requests
  let done = 0
  for (let index = firstIndex; index < endIndex; index += 1) {
    const startMs = performance.now()
    try {
      await send(index)
      durationsMs[done] = performance.now() - startMs
      done += 1
    } catch {
      // A failed request has no latency: it is counted, and the errors of both sides are compared before any latency.
    }
  }
  const latenciesNs = Array.from(durationsMs.subarray(0, done), (durationMs) =>
    Math.max(1, Math.round(durationMs * 1e6))
  )
  return { latenciesNs, errors: requests - done }
}
