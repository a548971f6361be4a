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
 */
export async function runClosedLoop(request: () => Promise<unknown>, requests: number): Promise<RequestOutcomes> {
  const durationsMs = new Float64Array(requests)
  let done = 0
  for (let sent = 0; sent < requests; sent += 1) {
    const startMs = performance.now()
    try {
      await request()
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
