import type { Kysely } from 'kysely'
import type { RunRequest } from '#src/run/run-request.ts'
import type { HistoryDatabase } from './schema.ts'
import { toJsonb } from './to-jsonb.ts'

/** Deliveries written in one statement. Bounds the statement's size, not the rate: the next batch follows at once. */
const BATCH_MAX = 200

export interface RequestIntake {
  /** Resolves when the request is on disk: `duplicate` when this delivery was stored before. Rejects when it is not. */
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
export function createRequestIntake(db: Kysely<HistoryDatabase>): RequestIntake {
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
      waiting.push({ request, resolve, reject })
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

/** Returns the delivery ids that were new. */
async function insertRequests(db: Kysely<HistoryDatabase>, requests: readonly RunRequest[]): Promise<Set<string>> {
  const rows = await db
    .insertInto('request')
    .values(
      requests.map((request) => ({
        delivery_id: request.deliveryId,
        repository_id: String(request.repository.id),
        payload: toJsonb(request),
        finished_at: null
      }))
    )
    .onConflict((conflict) => conflict.column('delivery_id').doNothing())
    .returning('delivery_id')
    .execute()
  return new Set(rows.map(({ delivery_id }) => delivery_id))
}
