import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#src/history/embedded-postgres.ts'
import { LEADER_LOCK_KEY, waitForLeadership } from '#src/history/leadership.ts'

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }

let folder: string
let postgres: EmbeddedPostgres

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tailgate-leadership-'))
  postgres = await startEmbeddedPostgres({ dataDirectory: folder, log: SILENT })
})
afterAll(async () => {
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

function ask(signal: AbortSignal, waiting = vi.fn(), lost = vi.fn()) {
  return { waiting, lost, led: waitForLeadership(postgres.connection, { signal, waiting, lost }) }
}

test('one leads, another waits and takes over', async () => {
  const { signal } = new AbortController()
  const first = ask(signal)
  const held = await first.led
  const second = ask(signal)
  await vi.waitFor(() => expect(second.waiting).toHaveBeenCalledOnce())

  await held.release()

  const taken = await second.led
  expect(first.lost).not.toHaveBeenCalled()
  await taken.release()
})

test('waiting ends when it is told to', async () => {
  const held = await ask(new AbortController().signal).led
  const abort = new AbortController()
  const other = ask(abort.signal)
  await vi.waitFor(() => expect(other.waiting).toHaveBeenCalledOnce())

  abort.abort()

  await expect(other.led).rejects.toThrow()
  await held.release()
})

test('the leader hears when its connection is cut, because another may act from then on', async () => {
  const leader = ask(new AbortController().signal)
  await leader.led
  const client = new pg.Client(postgres.connection)
  await client.connect()

  const cut = 'select pg_terminate_backend(pid) from pg_locks where locktype = $1 and objid = $2 and granted'
  await client.query(cut, ['advisory', LEADER_LOCK_KEY])
  await client.end()

  await vi.waitFor(() => expect(leader.lost).toHaveBeenCalledOnce())
})
