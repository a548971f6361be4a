import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** Any two programs that take this lock on one database exclude each other. "TAIL" as four bytes. */
export const LEADER_LOCK_KEY = 0x5441494c

const RETRY_MS = 2_000

export interface Leadership {
  release(): Promise<void>
}

/**
 * Waits until this process is the one that reconciles. Several bots may share a database for webhooks; one of them acts,
 * and another takes over when its connection ends.
 *
 * @param lost called when the connection that holds the lock breaks; the process must stop acting.
 * @throws the signal's reason when it aborts.
 */
export async function waitForLeadership(
  connection: pg.PoolConfig,
  options: { readonly signal: AbortSignal; readonly waiting: () => void; readonly lost: () => void }
): Promise<Leadership> {
  const client = new pg.Client(connection)
  let ended = false
  // A cut connection says so twice: what the server wrote last, and that it is gone.
  client.on('error', () => {
    if (ended) return
    ended = true
    options.lost()
  })
  await client.connect()
  let told = false
  while (!(await tryLock(client))) {
    if (!told) options.waiting()
    told = true
    await sleep(RETRY_MS, undefined, { signal: options.signal })
  }
  return {
    release: async () => {
      ended = true
      await client.end()
    }
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
    LEADER_LOCK_KEY
  ])
  return rows[0]?.locked === true
}
