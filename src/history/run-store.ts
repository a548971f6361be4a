import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Kysely, Selectable } from 'kysely'
import { sql } from 'kysely'
import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { NewRun, RunStore } from '#src/run/ports.ts'
import type { Run, RunState } from '#src/run/run.ts'
import type { HistoryDatabase, RunTable, StoredRunState } from './schema.ts'
import { toJsonb } from './to-jsonb.ts'

const compress = promisify(gzip)

/** The runs, their results and their comments in Postgres. */
export function createRunStore(db: Kysely<HistoryDatabase>): RunStore {
  return {
    pendingRequests: (limit) => readPending(db, limit),
    finishRequests: (deliveryIds) => finishRequests(db, deliveryIds),
    runsOfPull: (repositoryId, pullRequest) => readRunsOfPull(db, repositoryId, pullRequest),
    liveRuns: () => readLiveRuns(db),
    findRun: (id) => findRun(db, id),
    createRun: (run) => createRun(db, run),
    setCheckRun: async (id, checkRunId) => {
      await db
        .updateTable('run')
        .set({ check_run_id: String(checkRunId) })
        .where('id', '=', id)
        .execute()
    },
    setCancelReason: async (id, reason) => {
      await db.updateTable('run').set({ cancel_reason: reason }).where('id', '=', id).execute()
    },
    advance: (id, from, to) => advance(db, id, from, to),
    saveResult: (id, result) => saveResult(db, id, result),
    stickyComment: (repositoryId, pullRequest) => readStickyComment(db, repositoryId, pullRequest),
    setStickyComment: (repositoryId, pullRequest, commentId) =>
      writeStickyComment(db, repositoryId, pullRequest, commentId),
    knownRepositories: () => readKnownRepositories(db)
  }
}

async function readPending(db: Kysely<HistoryDatabase>, limit: number) {
  const rows = await db
    .selectFrom('request')
    .select('payload')
    .where('finished_at', 'is', null)
    // GitHub redelivers for three days; a request that could not be handled for so long (the App was suspended, say)
    // must not hold up others for ever.
    .where('received_at', '>', sql<Date>`now() - interval '3 days'`)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map(({ payload }) => payload)
}

async function finishRequests(db: Kysely<HistoryDatabase>, deliveryIds: readonly string[]): Promise<void> {
  await db
    .updateTable('request')
    .set({ finished_at: sql<Date>`now()` })
    .where('delivery_id', 'in', deliveryIds)
    .execute()
}

async function readRunsOfPull(db: Kysely<HistoryDatabase>, repositoryId: number, pullRequest: number) {
  const rows = await db
    .selectFrom('run')
    .selectAll()
    .where('repository_id', '=', String(repositoryId))
    .where('pull_request', '=', pullRequest)
    .orderBy('created_at')
    .execute()
  return rows.map(toRun)
}

async function readLiveRuns(db: Kysely<HistoryDatabase>) {
  const rows = await db
    .selectFrom('run')
    .selectAll()
    .where('state_kind', '<>', 'published')
    .orderBy('created_at')
    .execute()
  return rows.map(toRun)
}

async function findRun(db: Kysely<HistoryDatabase>, id: string): Promise<Run | null> {
  const row = await db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toRun(row)
}

async function createRun(db: Kysely<HistoryDatabase>, run: NewRun): Promise<Run> {
  const row = await db
    .insertInto('run')
    .values({
      id: randomUUID(),
      repository_id: String(run.repository.id),
      repository: toJsonb(run.repository),
      pull_request: run.pullRequest,
      head_sha: run.headSha,
      base_ref: run.baseRef,
      attempt: sql<number>`(select coalesce(max(attempt), 0) + 1 from run where repository_id = ${run.repository.id}
        and pull_request = ${run.pullRequest} and head_sha = ${run.headSha})`,
      trigger: run.trigger,
      from_fork: run.fromFork,
      approved_by: run.approvedBy,
      state_kind: 'new',
      state: toJsonb({ kind: 'new' }),
      check_run_id: null,
      cancel_reason: null
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toRun(row)
}

async function advance(db: Kysely<HistoryDatabase>, id: string, from: RunState['kind'], to: RunState) {
  const result = await db
    .updateTable('run')
    .set({ state_kind: to.kind, state: toJsonb(to) })
    .where('id', '=', id)
    .where('state_kind', '=', from)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

async function saveResult(db: Kysely<HistoryDatabase>, id: string, result: BenchmarkResult): Promise<void> {
  const bytes = await compress(JSON.stringify(result))
  await db
    .insertInto('measurement')
    .values({ run_id: id, result: bytes })
    .onConflict((conflict) => conflict.column('run_id').doNothing())
    .execute()
}

async function readStickyComment(db: Kysely<HistoryDatabase>, repositoryId: number, pullRequest: number) {
  const row = await db
    .selectFrom('pull_comment')
    .select('comment_id')
    .where('repository_id', '=', String(repositoryId))
    .where('pull_request', '=', pullRequest)
    .executeTakeFirst()
  return row === undefined ? null : Number(row.comment_id)
}

async function writeStickyComment(
  db: Kysely<HistoryDatabase>,
  repositoryId: number,
  pullRequest: number,
  commentId: number
): Promise<void> {
  await db
    .insertInto('pull_comment')
    .values({ repository_id: String(repositoryId), pull_request: pullRequest, comment_id: String(commentId) })
    .onConflict((conflict) =>
      conflict.columns(['repository_id', 'pull_request']).doUpdateSet({ comment_id: String(commentId) })
    )
    .execute()
}

async function readKnownRepositories(db: Kysely<HistoryDatabase>) {
  const { rows } = await sql<{ payload: { repository: Run['repository'] }; first_seen_at: Date }>`
    select distinct on (repository_id) payload, min(received_at) over (partition by repository_id) as first_seen_at
    from request order by repository_id, received_at desc`.execute(db)
  return rows.map(({ payload, first_seen_at }) => ({ repository: payload.repository, firstSeenAt: first_seen_at }))
}

function toRun(row: Selectable<RunTable>): Run {
  return {
    id: row.id,
    repository: row.repository,
    pullRequest: row.pull_request,
    headSha: row.head_sha,
    baseRef: row.base_ref,
    attempt: row.attempt,
    trigger: row.trigger,
    fromFork: row.from_fork,
    approvedBy: row.approved_by,
    state: reviveState(row.state),
    checkRunId: row.check_run_id === null ? null : Number(row.check_run_id),
    cancelReason: row.cancel_reason,
    createdAt: row.created_at
  }
}

function reviveState(state: StoredRunState): RunState {
  if (state.kind !== 'queued') return state
  return { kind: 'queued', planned: { ...state.planned, queuedAt: new Date(state.planned.queuedAt) } }
}
