import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { socketConfig } from './postmaster.ts'

const DATABASE = 'tailgate'
/** Advisory lock of the bot that owns the data folder: "OWNR" in ASCII, 1. Pairs do not meet the single-number locks. */
const OWNER_LOCK = [0x4f574e52, 1] as const
const APPLICATION = 'tailgate-owner'
/** A killed bot's connection ends a moment after the bot; a bot that is restarted at once must not be refused for that. */
const CLAIM_TIMEOUT_MS = 3_000
const POLL_MS = 100
/** SQLSTATEs of a database created twice: `duplicate_database`, and `unique_violation` when at the same moment. */
const CREATED_ALREADY: readonly string[] = ['42P04', '23505']

export interface Ownership {
  readonly database: string
  /** The server is about to be stopped by us: its end is no loss. */
  expectEnd(): void
  /** Ends the connection that holds the lock. */
  release(): Promise<void>
}

/**
 * Makes this process the owner of a running server, until its connection ends. Creates the database on the way.
 * @throws EmbeddedPostgresError `already_owned`, naming the process that is the owner
 */
export async function claimOwnership(options: {
  readonly socketFolder: string
  readonly dataDirectory: string
  readonly lost: (reason: string) => void
}): Promise<Ownership> {
  const { socketFolder, dataDirectory, lost } = options
  await createDatabase(socketFolder)
  const application = `${APPLICATION} ${process.pid}`
  const client = new pg.Client({ ...socketConfig(socketFolder), database: DATABASE, application_name: application })
  let owner = false
  client.on('error', (error) => {
    if (owner) lost(error.message)
  })
  await client.connect()
  owner = await tryLock(client)
  if (!owner) {
    const holder = await readHolder(client)
    await client.end()
    const message = `Another Tailgate${holder} already uses ${dataDirectory}. Stop it first, or give this one a DATA_DIR of its own.`
    throw new EmbeddedPostgresError(message, { code: 'already_owned' })
  }
  return {
    database: DATABASE,
    expectEnd: () => {
      owner = false
    },
    release: async () => {
      owner = false
      await client.end().catch(() => undefined)
    }
  }
}

async function createDatabase(socketFolder: string): Promise<void> {
  const client = new pg.Client({ ...socketConfig(socketFolder), database: 'postgres' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`create database ${DATABASE}`)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && CREATED_ALREADY.includes(error.code ?? ''))) throw error
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const deadlineMs = performance.now() + CLAIM_TIMEOUT_MS
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, $2) as locked', [
      ...OWNER_LOCK
    ])
    if (rows[0]?.locked === true) return true
    if (performance.now() > deadlineMs) return false
    await delay(POLL_MS)
  }
}

/** ` (process 123)`, or nothing when it just went away. */
async function readHolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ application_name: string }>(
    `select application_name from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and classid = $1 and objid = $2 and objsubid = 2 and granted`,
    [...OWNER_LOCK]
  )
  const pid = rows[0]?.application_name.slice(APPLICATION.length).trim() ?? ''
  return pid === '' ? '' : ` (process ${pid})`
}
