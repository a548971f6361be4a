import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

const POLL_MS = 100

/** Deliveries that a bot has stored in its database. */
export function countStored(database: pg.ClientConfig): Promise<number> {
  return count(database, 'select count(*) as found from request')
}

/** Waits until a bot has dealt with all that it stored, or for so long. */
export async function waitUntilHandled(database: pg.ClientConfig, patienceMs: number): Promise<void> {
  const deadlineMs = performance.now() + patienceMs
  while (performance.now() < deadlineMs) {
    if ((await count(database, 'select count(*) as found from request where finished_at is null')) === 0) return
    await sleep(POLL_MS)
  }
}

async function count(database: pg.ClientConfig, query: string): Promise<number> {
  const client = new pg.Client(database)
  await client.connect()
  try {
    const { rows } = await client.query<{ found: string }>(query)
    return Number(rows[0]?.found ?? Number.NaN)
  } finally {
    await client.end()
  }
}
