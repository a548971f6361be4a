import { type Kysely, sql } from 'kysely'
import type { RunRequest } from '#src/run/run-request.ts'
import type { HistoryDatabase } from './schema.ts'
import { toJsonb } from './to-jsonb.ts'

/** Deliveries written in one statement. Bounds the statement's size, not the rate: the next batch follows at once. */
const BATCH_MAX = 200

/**
 * Probot's middleware answers "202, still processing" after nine seconds, which GitHub takes for success. What is not
 * stored by then must fail before, so that GitHub keeps the delivery for redelivery.
 */
const STORE_TIMEOUT_MS = 8_000

export class RequestIntakeError extends Error {
  readonly code = 'REQUEST_NOT_STORED'
}

export interface RequestIntake {
  /**
   * Resolves when the request is on disk: `duplicate` when this delivery was stored before. Rejects when it is not, or
   * when that takes too long ({@link RequestIntakeError}); it may still be stored later then.
   */
  store(request: RunRequest): Promise<'stored' | 'duplicate'>
}

interface Waiting {
  readonly request: RunRequest
  readonly resolve: (outcome: 'stored' | 'duplicate') => void
  readonly reject: (error: unknown) => void
}

/**
 * Stores webhook requests durably before they are answered. Requests that arrive while one write is under way share the
 * next one, so a burst costs a few disk flushes and not one for each.
 */
export function createRequestIntake(db: Kysely<HistoryDatabase>, timeoutMs = STORE_TIMEOUT_MS): RequestIntake {
  let waiting: Waiting[] = []
  let writing = false

  async function drain(): Promise<void> {
    writing = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_MAX)
      waiting = waiting.slice(BATCH_MAX)
      await settle(batch, () =>
        insertRequests(
          db,
          batch.map(({ request }) => request)
        )
      )
    }
    writing = false
  }

  function store(request: RunRequest): Promise<'stored' | 'duplicate'> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `The database did not store delivery ${request.deliveryId} within ${timeoutMs} ms. Check that it is reachable and not locked.`
        reject(new RequestIntakeError(message))
      }, timeoutMs)
      waiting.push({
        request,
        resolve: (outcome) => {
          clearTimeout(timer)
          resolve(outcome)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        }
      })
      if (!writing) void drain()
    })
  }

  return { store }
}

async function settle(batch: readonly Waiting[], insert: () => Promise<Set<string>>): Promise<void> {
  try {
    const stored = await insert()
    // `delete` lets only the first of two equal deliveries in one batch count as stored.
    for (const { request, resolve } of batch) resolve(stored.delete(request.deliveryId) ? 'stored' : 'duplicate')
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}

/**
 * Returns the delivery ids that were new. One parameter holds the whole batch: a statement with four for each request
 * costs several times as much to build, to send and to parse.
 */
async function insertRequests(db: Kysely<HistoryDatabase>, requests: readonly RunRequest[]): Promise<Set<string>> {
  const { rows } = await sql<{ delivery_id: string }>`
    insert into request (delivery_id, repository_id, payload)
    select item->>'deliveryId', (item->'repository'->>'id')::bigint, item
    from jsonb_array_elements(${toJsonb(requests)}::jsonb) with ordinality as batch (item, position)
    order by position
    on conflict (delivery_id) do nothing
    returning delivery_id`.execute(db)
  return new Set(rows.map(({ delivery_id }) => delivery_id))
}
