import { randomUUID } from 'node:crypto'
import type { Kysely, Selectable } from 'kysely'
import { sql } from 'kysely'
import type { NewRun, RunStore } from '#src/run/ports.ts'
import type { Run, RunState } from '#src/run/run.ts'
import { createRequestStore } from './request-store.ts'
import { reviveState } from './revive-state.ts'
import type { HistoryDatabase, RunTable } from './schema.ts'
import { toJsonb } from './to-jsonb.ts'

/** The runs, their results and their comments in Postgres. */
export function createRunStore(db: Kysely<HistoryDatabase>): RunStore {
  return {
    ...createRequestStore(db),
    runsOfPull: (repositoryId, pullRequest) => readRunsOfPull(db, repositoryId, pullRequest),
    dueRuns: () => readDueRuns(db),
    newestRun: (repositoryId, pullRequest) => readNewestRun(db, repositoryId, pullRequest),
    findRun: (id) => findRun(db, id),
    createRun: (run) => createRun(db, run),
    setCheckRun: async (id, checkRunId) => {
      await db
        .updateTable('run')
        .set({ check_run_id: String(checkRunId) })
        .where('id', '=', id)
        .execute()
    },
    setCancel: async (id, cancel) => {
      const due = { cancel: toJsonb(cancel), due_at: sql<Date>`now()` }
      await db.updateTable('run').set(due).where('id', '=', id).execute()
    },
    postponeRun: (id) => postponeRun(db, id),
    advance: (id, from, to) => advance(db, id, from, to),
    saveResult: (id, measurements) => saveResult(db, id, measurements),
    stickyComment: (repositoryId, pullRequest) => readStickyComment(db, repositoryId, pullRequest),
    setStickyComment: (repositoryId, pullRequest, commentId) =>
      writeStickyComment(db, repositoryId, pullRequest, commentId)
  }
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

async function readDueRuns(db: Kysely<HistoryDatabase>): Promise<string[]> {
  const rows = await db
    .selectFrom('run')
    .select('id')
    .where('state_kind', '<>', 'published')
    .where('due_at', '<=', sql<Date>`now()`)
    .orderBy('created_at')
    .execute()
  return rows.map(({ id }) => id)
}

async function readNewestRun(db: Kysely<HistoryDatabase>, repositoryId: number, pullRequest: number) {
  const row = await db
    .selectFrom('run')
    .selectAll()
    .where('repository_id', '=', String(repositoryId))
    .where('pull_request', '=', pullRequest)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : toRun(row)
}

/** Two seconds, four, eight…, at most a quarter of an hour. */
async function postponeRun(db: Kysely<HistoryDatabase>, id: string): Promise<number> {
  const { rows } = await sql<{ failures: number }>`
    update run set
      failures = failures + 1,
      due_at = now() + least(power(2, least(failures + 1, 20)), 900) * interval '1 second'
    where id = ${id} returning failures`.execute(db)
  return rows[0]?.failures ?? 0
}

async function findRun(db: Kysely<HistoryDatabase>, id: string): Promise<Run | null> {
  const row = await db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toRun(row)
}

async function createRun(db: Kysely<HistoryDatabase>, run: NewRun): Promise<void> {
  await db
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
      cancel: null
    })
    // The index run_one_live: a run for this head is live already.
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

async function advance(db: Kysely<HistoryDatabase>, id: string, from: RunState['kind'], to: RunState) {
  const result = await db
    .updateTable('run')
    .set({ state_kind: to.kind, state: toJsonb(to), failures: 0, due_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('state_kind', '=', from)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

async function saveResult(db: Kysely<HistoryDatabase>, id: string, measurements: Uint8Array): Promise<void> {
  await db
    .insertInto('measurement')
    .values({ run_id: id, result: Buffer.from(measurements) })
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
    cancel: row.cancel,
    failures: row.failures,
    createdAt: row.created_at
  }
}
