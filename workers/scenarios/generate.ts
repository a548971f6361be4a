/** What decodes: the engine behind it keeps the keys and values of the request under way. */
export interface TokenDecoder {
  /** Takes the whole prompt of request `index` and ends with the first new token. */
  prefill(index: number): Promise<unknown>
  /** Takes the newest token and ends with the next one. */
  decode(): Promise<unknown>
}

export interface GenerateRow {
  readonly requests: number
  /** New tokens of each request, neither more nor fewer: what ends a text is ignored. */
  readonly newTokens: number
  /** Index of the first request among those of the case. */
  readonly firstIndex: number
}

export interface GenerateOutcomes {
  /** Of whole successful requests, in the order they were sent: the sum of what follows. */
  readonly latenciesNs: number[]
  /** Time to the first token, one per successful request. */
  readonly ttftNs: number[]
  /** Time from each token to the next: `newTokens` − 1 per successful request, request by request. */
  readonly itlNs: number[]
  readonly errors: number
}

/** Sends requests back to back, and reads the clock after each token: the load of `generate`. */
export async function runGenerate(
  decoder: TokenDecoder,
  { requests, newTokens, firstIndex }: GenerateRow
): Promise<GenerateOutcomes> {
  const gaps = newTokens - 1
  // Of the requests that succeed, `newTokens` + 1 readings each; one that fails is written over by the next.
  const readings = newTokens + 1
  const readingsMs = new Float64Array(requests * readings)
  let done = 0
  for (let request = 0; request < requests; request += 1) {
    let reading = done * readings
    readingsMs[reading] = performance.now()
    try {
      await decoder.prefill(firstIndex + request)
      readingsMs[++reading] = performance.now()
      for (let gap = 0; gap < gaps; gap += 1) {
        await decoder.decode()
        readingsMs[++reading] = performance.now()
      }
      done += 1
    } catch {
      // Half a text has no latency: it is counted, and the errors of both sides are compared before any latency.
    }
  }
  return collectTokens(readingsMs, { done, readings, errors: requests - done })
}

function collectTokens(
  readingsMs: Float64Array,
  { done, readings, errors }: { readonly done: number; readonly readings: number; readonly errors: number }
): GenerateOutcomes {
  const latenciesNs: number[] = []
  const ttftNs: number[] = []
  const itlNs: number[] = []
  for (let request = 0; request < done; request += 1) {
    const ofRequest = readingsMs.subarray(request * readings, (request + 1) * readings)
    let latencyNs = 0
    for (let token = 1; token < readings; token += 1) {
      const passedMs = (ofRequest[token] ?? 0) - (ofRequest[token - 1] ?? 0)
      const passedNs = Math.max(1, Math.round(passedMs * 1e6))
      latencyNs += passedNs
      if (token === 1) ttftNs.push(passedNs)
      else itlNs.push(passedNs)
    }
    latenciesNs.push(latencyNs)
  }
  return { latenciesNs, ttftNs, itlNs, errors }
}
