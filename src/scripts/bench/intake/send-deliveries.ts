import { randomUUID } from 'node:crypto'
import autocannon from 'autocannon'
import type { Delivery } from './make-deliveries.ts'

/** GitHub sends deliveries side by side; ten keep one bot process busy without queueing for long. */
export const CONNECTIONS = 10
const TIMEOUT_S = 30

/** What came of one volley of deliveries. */
export interface Volley {
  /** Answered with 2xx. */
  readonly accepted: number
  /** Answered with anything else, or not at all. */
  readonly refused: number
  /** From the first request to the last answer. */
  readonly elapsedMs: number
  readonly latenciesMs: readonly number[]
}

/** Sends `count` deliveries, each with an id of its own, over {@link CONNECTIONS} connections, and waits for all answers. */
export function sendDeliveries(url: string, deliveries: readonly Delivery[], count: number): Promise<Volley> {
  return new Promise((resolve, reject) => {
    const latenciesMs: number[] = []
    let accepted = 0
    const startMs = performance.now()
    let lastAnswerMs = startMs
    const options = {
      url,
      connections: CONNECTIONS,
      amount: Math.max(CONNECTIONS, count),
      timeout: TIMEOUT_S,
      requests: deliveries.map(toRequest)
    }
    const volley = autocannon(options, (error: unknown, { errors, timeouts }) => {
      if (error) return reject(error instanceof Error ? error : new Error(String(error)))
      const refused = latenciesMs.length - accepted + errors + timeouts
      resolve({ accepted, refused, elapsedMs: lastAnswerMs - startMs, latenciesMs })
    })
    volley.on('response', (_client, statusCode, _bytes, latencyMs) => {
      lastAnswerMs = performance.now()
      latenciesMs.push(latencyMs)
      if (statusCode >= 200 && statusCode < 300) accepted += 1
    })
  })
}

function toRequest({ body, headers }: Delivery): autocannon.Request {
  return {
    method: 'POST',
    body,
    headers: { ...headers },
    setupRequest: (request) => ({ ...request, headers: { ...request.headers, 'x-github-delivery': randomUUID() } })
  }
}
