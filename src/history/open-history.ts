import { Kysely, Migrator, PostgresDialect } from 'kysely'
import pg from 'pg'
import { type HistoryDatabase, MIGRATIONS } from './schema.ts'

/** Connections of the bot to its database. The reconciler and the webhooks share them. */
const POOL_SIZE = 10

export class HistoryError extends Error {
  readonly code = 'HISTORY_UNUSABLE'
}

export interface History {
  readonly db: Kysely<HistoryDatabase>
  readonly pool: pg.Pool
  close(): Promise<void>
}

/**
 * Opens the database and brings its tables up to date.
 *
 * @throws HistoryError when a migration fails; the database is then as it was before.
 */
export async function openHistory(connection: pg.PoolConfig): Promise<History> {
  const pool = new pg.Pool({ max: POOL_SIZE, ...connection })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined)
  const db = new Kysely<HistoryDatabase>({ dialect: new PostgresDialect({ pool }) })
  await migrate(db)
  return { db, pool, close: () => db.destroy() }
}

async function migrate(db: Kysely<HistoryDatabase>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } })
  const { error, results } = await migrator.migrateToLatest()
  if (error === undefined) return
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName ?? 'before the first migration'
  throw new HistoryError(`The database could not be brought up to date (${failed}).`, { cause: error })
}
