import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { RunStore } from '#src/run/ports.ts'
import type { RepositoryRef } from '#src/run/run.ts'
import type { HistoryDatabase } from './schema.ts'

const REQUESTS_PER_READ = 500

type RequestStore = Pick<
  RunStore,
  | 'repositoriesWithRequests'
  | 'pendingRequests'
  | 'finishRequests'
  | 'postponeRequest'
  | 'pruneRequests'
  | 'knownRepositories'
>

/** What webhooks asked for, until it is handled. `request-intake.ts` writes it. */
export function createRequestStore(db: Kysely<HistoryDatabase>): RequestStore {
  return {
    repositoriesWithRequests: () => readRepositories(db),
    pendingRequests: (repositoryId) => readPending(db, repositoryId),
    finishRequests: (deliveryIds) => finishRequests(db, deliveryIds),
    postponeRequest: (deliveryId) => postponeRequest(db, deliveryId),
    pruneRequests: () => pruneRequests(db),
    knownRepositories: () => readKnownRepositories(db)
  }
}

async function readRepositories(db: Kysely<HistoryDatabase>): Promise<number[]> {
  const rows = await db
    .selectFrom('request')
    .select('repository_id')
    .distinct()
    .where('finished_at', 'is', null)
    .where('due_at', '<=', sql<Date>`now()`)
    .execute()
  return rows.map(({ repository_id }) => Number(repository_id))
}

async function readPending(db: Kysely<HistoryDatabase>, repositoryId: number) {
  const rows = await db
    .selectFrom('request')
    .select('payload')
    .where('repository_id', '=', String(repositoryId))
    .where('finished_at', 'is', null)
    .where('due_at', '<=', sql<Date>`now()`)
    .orderBy('seq')
    .limit(REQUESTS_PER_READ)
    .execute()
  return rows.map(({ payload }) => payload)
}

async function finishRequests(db: Kysely<HistoryDatabase>, deliveryIds: readonly string[]): Promise<void> {
  if (deliveryIds.length === 0) return
  await db
    .updateTable('request')
    .set({ finished_at: sql<Date>`now()` })
    .where('delivery_id', 'in', deliveryIds)
    .execute()
}

/** A second, two, four…, at most a quarter of an hour; after three days, GitHub's own limit for redelivery, never. */
async function postponeRequest(db: Kysely<HistoryDatabase>, deliveryId: string): Promise<void> {
  await sql`
    update request set
      attempts = attempts + 1,
      due_at = now() + least(power(2, least(attempts, 20)), 900) * interval '1 second',
      finished_at = case when received_at < now() - interval '3 days' then now() end
    where delivery_id = ${deliveryId}`.execute(db)
}

async function pruneRequests(db: Kysely<HistoryDatabase>): Promise<void> {
  await db.deleteFrom('request').where('finished_at', '<', sql<Date>`now() - interval '30 days'`).execute()
}

async function readKnownRepositories(db: Kysely<HistoryDatabase>) {
  const { rows } = await sql<{ payload: { repository: RepositoryRef }; first_seen_at: Date }>`
    select distinct on (repository_id) payload, min(received_at) over (partition by repository_id) as first_seen_at
    from request order by repository_id, received_at desc`.execute(db)
  return rows.map(({ payload, first_seen_at }) => ({ repository: payload.repository, firstSeenAt: first_seen_at }))
}
