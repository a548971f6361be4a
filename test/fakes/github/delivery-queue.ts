import { createHmac, randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'

/** What to POST to an app's webhook URL. Built when the event happens, so that late deliveries stay truthful. */
export interface DeliveryRequest {
  readonly appId: number
  readonly url: string
  readonly event: string
  readonly action: string | null
  readonly installationId: number | null
  readonly repositoryId: number | null
  readonly guid?: string
  readonly contentType: string
  readonly body: Uint8Array
  /** Undefined sends no signature at all. */
  readonly secret: string | undefined
}

export type DeliveryOutcome =
  | { readonly kind: 'held' }
  | { readonly kind: 'sending' }
  | { readonly kind: 'answered'; readonly status: number; readonly statusText: string; readonly body: string }
  | { readonly kind: 'failed'; readonly reason: string }

export interface Delivery extends DeliveryRequest {
  readonly id: number
  readonly guid: string
  readonly isRedelivery: boolean
  readonly deliveredAt: string
  readonly outcome: DeliveryOutcome
}

export interface DeliveryQueue {
  /** Every delivery so far, oldest first, each with what became of it. */
  readonly deliveries: readonly Delivery[]
  readonly enqueue: (request: DeliveryRequest) => number
  /** Sends an earlier delivery again under the same GUID; returns the new delivery's id. */
  readonly redeliver: (id: number) => number
  readonly pause: () => void
  /** Sends what was held: in the order of events, reversed, or in the order of the ids given (those only). */
  readonly resume: (order?: 'arrival' | 'reversed' | readonly number[]) => void
  readonly settled: () => Promise<void>
  readonly close: () => Promise<void>
}

interface QueueOptions {
  readonly now: () => Date
  readonly nextId: () => number
  readonly timeoutMs: number
}

/**
 * GitHub's webhook sender. Sends one delivery after the other, so that tests see a fixed order; `pause` and `resume`
 * make any other order. Like GitHub it never retries, and gives up on an answer after `timeoutMs`.
 */
export function createDeliveryQueue(options: QueueOptions): DeliveryQueue {
  const deliveries: Delivery[] = []
  const closing = new AbortController()
  let isPaused = false
  let tail: Promise<void> = Promise.resolve()

  function setOutcome(id: number, outcome: DeliveryOutcome): void {
    const index = deliveries.findIndex((delivery) => delivery.id === id)
    const delivery = deliveries[index]
    if (delivery !== undefined) deliveries[index] = { ...delivery, outcome }
  }

  function send(delivery: Delivery): void {
    setOutcome(delivery.id, { kind: 'sending' })
    tail = tail.then(async () => {
      setOutcome(delivery.id, await post(delivery, options.timeoutMs, closing.signal))
    })
  }

  function add(request: DeliveryRequest, isRedelivery: boolean): number {
    const deliveredAt = options.now().toISOString()
    const identity = { id: options.nextId(), guid: request.guid ?? randomUUID(), isRedelivery, deliveredAt }
    const delivery: Delivery = { ...request, ...identity, outcome: { kind: 'held' } }
    deliveries.push(delivery)
    if (!isPaused) send(delivery)
    return delivery.id
  }

  function heldIn(order: 'arrival' | 'reversed' | readonly number[]): readonly Delivery[] {
    const held = deliveries.filter((delivery) => delivery.outcome.kind === 'held')
    if (order === 'arrival') return held
    if (order === 'reversed') return held.toReversed()
    return order.flatMap((id) => held.filter((delivery) => delivery.id === id))
  }

  return {
    deliveries,
    enqueue: (request) => add(request, false),
    redeliver: (id) => {
      const delivery = deliveries.find((candidate) => candidate.id === id)
      if (delivery === undefined) throw new Error(`The GitHub stand-in has no delivery ${id}`)
      return add(delivery, true)
    },
    pause: () => {
      isPaused = true
    },
    resume: (order = 'arrival') => {
      // A list of ids lets a test step through the held deliveries; the rest stays held.
      isPaused = typeof order !== 'string'
      for (const delivery of heldIn(order)) send(delivery)
    },
    settled: async () => {
      // A delivery can cause another one, so wait until nothing was added meanwhile.
      for (let seen: Promise<void> | undefined; seen !== tail; ) {
        seen = tail
        await seen
      }
    },
    close: async () => {
      closing.abort()
      await tail
    }
  }
}

async function post(delivery: Delivery, timeoutMs: number, closing: AbortSignal): Promise<DeliveryOutcome> {
  const { body } = delivery
  try {
    const response = await fetch(delivery.url, {
      method: 'POST',
      headers: describeHeaders(delivery),
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)])
    })
    const text = await response.text()
    return { kind: 'answered', status: response.status, statusText: STATUS_CODES[response.status] ?? '', body: text }
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? describeFailure(error) : String(error) }
  }
}

function describeFailure(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

function describeHeaders(delivery: Delivery): Record<string, string> {
  const sign = (algorithm: string, secret: string): string =>
    `${algorithm}=${createHmac(algorithm, secret).update(delivery.body).digest('hex')}`
  const signatures =
    delivery.secret === undefined
      ? {}
      : {
          'X-Hub-Signature': sign('sha1', delivery.secret),
          'X-Hub-Signature-256': sign('sha256', delivery.secret)
        }
  return {
    Accept: '*/*',
    'Content-Type': delivery.contentType,
    'User-Agent': 'GitHub-Hookshot/7a1e2d3',
    'X-GitHub-Delivery': delivery.guid,
    'X-GitHub-Event': delivery.event,
    'X-GitHub-Hook-ID': String(delivery.appId),
    'X-GitHub-Hook-Installation-Target-ID': String(delivery.appId),
    'X-GitHub-Hook-Installation-Target-Type': 'integration',
    ...signatures
  }
}
