import type { ColumnType, Generated, Kysely, Migration } from 'kysely'
import { sql } from 'kysely'
import type { Cancel, RepositoryRef, RunState, Trigger } from '#src/run/run.ts'
import type { RunRequest } from '#src/run/run-request.ts'
import type { StoredRunState } from './revive-state.ts'

/** A `jsonb` column that only this folder writes: JSON text in, the same value out (dates as text). */
type Json<Value> = ColumnType<Value, string, string>

export interface RequestTable {
  delivery_id: string
  seq: Generated<string>
  repository_id: string
  payload: Json<RunRequest>
  received_at: Generated<Date>
  finished_at: Date | null
  attempts: Generated<number>
  due_at: Generated<Date>
}

export interface RunTable {
  id: string
  repository_id: string
  repository: Json<RepositoryRef>
  pull_request: number
  head_sha: string
  base_ref: string
  attempt: number
  trigger: Trigger
  from_fork: boolean
  approved_by: string | null
  state_kind: RunState['kind']
  state: Json<StoredRunState>
  check_run_id: string | null
  cancel: Json<Cancel> | null
  failures: Generated<number>
  due_at: Generated<Date>
  created_at: Generated<Date>
}

export interface MeasurementTable {
  run_id: string
  result: Buffer
  saved_at: Generated<Date>
}

export interface PullCommentTable {
  repository_id: string
  pull_request: number
  comment_id: string
}

/** The history's tables. GitHub's ids are `bigint`, which `pg` hands over as text. */
export interface HistoryDatabase {
  request: RequestTable
  run: RunTable
  measurement: MeasurementTable
  pull_comment: PullCommentTable
}

/** Applied in name order, each once, inside a transaction. Never edit one that was released: add another. */
export const MIGRATIONS: Record<string, Migration> = {
  '0001-first': { up: createFirst }
}

async function createFirst(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table request (
      delivery_id text primary key,
      seq bigint generated always as identity,
      repository_id bigint not null,
      payload jsonb not null,
      received_at timestamptz not null default now(),
      finished_at timestamptz,
      attempts integer not null default 0,
      due_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index request_pending on request (repository_id, seq) where finished_at is null`.execute(db)
  await sql`create index request_repository on request (repository_id, received_at)`.execute(db)
  await sql`
    create table run (
      id text primary key,
      repository_id bigint not null,
      repository jsonb not null,
      pull_request integer not null,
      head_sha text not null,
      base_ref text not null,
      attempt integer not null,
      trigger text not null,
      from_fork boolean not null,
      approved_by text,
      state_kind text not null,
      state jsonb not null,
      check_run_id bigint,
      cancel jsonb,
      failures integer not null default 0,
      due_at timestamptz not null default now(),
      created_at timestamptz not null default now(),
      unique (repository_id, pull_request, head_sha, attempt)
    )`.execute(db)
  await sql`create index run_due on run (due_at) where state_kind <> 'published'`.execute(db)
  await sql`
    create unique index run_one_live on run (repository_id, pull_request, head_sha, base_ref)
    where state_kind <> 'published' and cancel is null`.execute(db)
  await sql`
    create table measurement (
      run_id text primary key references run (id),
      result bytea not null,
      saved_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create table pull_comment (
      repository_id bigint not null,
      pull_request integer not null,
      comment_id bigint not null,
      primary key (repository_id, pull_request)
    )`.execute(db)
}
