import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#src/history/embedded-postgres.ts'

const OWNER_PROGRAM = new URL('./own-embedded-postgres.ts', import.meta.url).pathname

let folder: string
let cleanups: (() => unknown)[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tailgate-test-'))
  cleanups = []
})

afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
  // Whatever a failed test left running.
  const pid = await readServerPid(folder)
  if (pid !== null && (await isRunning(pid))) process.kill(pid, 'SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

async function start(dataDirectory = folder): Promise<EmbeddedPostgres & { readonly messages: string[] }> {
  const messages: string[] = []
  const note = (_fields: object, message: string): void => {
    messages.push(message)
  }
  const postgres = await startEmbeddedPostgres({ dataDirectory, log: { info: note, warn: note, error: note } })
  cleanups.push(() => postgres.stop())
  return { ...postgres, messages }
}

async function query(postgres: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client(postgres.connection)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function readServerPid(dataDirectory: string): Promise<number | null> {
  const text = await readFile(join(dataDirectory, 'postgres', 'postmaster.pid'), 'utf8').catch(() => null)
  return text === null ? null : Number(text.split('\n')[0])
}

async function serverPid(dataDirectory = folder): Promise<number> {
  const pid = await readServerPid(dataDirectory)
  if (pid === null) throw new Error('no server runs')
  return pid
}

/** A dead process that nobody waited for, as an orphan's in a container may be, counts as gone. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return !/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))
}

/** Starts another process that owns the server. Resolves to its first line: `ready`, or `failed: …`. */
async function startOwner(): Promise<{ readonly line: string; readonly pid: number; kill(): Promise<void> }> {
  const child = spawn(process.execPath, [OWNER_PROGRAM, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  cleanups.push(kill)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { line: String(line), pid: child.pid ?? 0, kill }
}

describe('starting and stopping', () => {
  test('serves a database on a Unix socket only, keeps the data across a restart, and leaves no process', async () => {
    const first = await start()
    await query(first, 'create table kept as select 42 as answer')
    const addresses = await query(
      first,
      "select current_setting('listen_addresses') as tcp, inet_server_addr() as address"
    )
    const durability = await query(first, "select current_setting('fsync') as fsync")
    const pid = await serverPid()
    await first.stop()
    const stillRuns = await isRunning(pid)
    const second = await start()

    expect(first.connection).toMatchObject({
      host: join(folder, 'postgres-socket'),
      user: 'tailgate',
      database: 'tailgate'
    })
    expect(addresses).toEqual([{ tcp: '', address: null }])
    expect(durability).toEqual([{ fsync: 'on' }])
    expect(stillRuns).toBe(false)
    expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }])
  })

  test('lets nobody else into the folders of socket and data', async () => {
    await start()

    const modes = await Promise.all(['postgres', 'postgres-socket'].map((name) => stat(join(folder, name))))

    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o700])
  })

  test('stopping twice, also at once, is one stop', async () => {
    const postgres = await start()
    const pid = await serverPid()

    await Promise.all([postgres.stop(), postgres.stop()])
    await postgres.stop()

    expect(await isRunning(pid)).toBe(false)
  })

  test('stopping ends connections that are still open', async () => {
    const postgres = await start()
    const client = new pg.Client(postgres.connection)
    const ended = new Promise<string>((resolve) => {
      client.on('error', (error) => resolve(error.message))
    })
    await client.connect()
    await client.query('begin')

    await postgres.stop()

    expect(await ended).toMatch(/terminat/)
  })

  test('a data folder too long for a socket path gets a short socket folder, removed at the stop', async () => {
    const long = join(folder, 'd'.repeat(120), 'e'.repeat(40))

    const postgres = await start(long)
    const host = String(postgres.connection.host)
    const rows = await query(postgres, 'select 1 as one')
    const mode = (await stat(host)).mode & 0o777
    await postgres.stop()

    expect(rows).toEqual([{ one: 1 }])
    expect(dirname(host)).toBe(tmpdir())
    expect(mode).toBe(0o700)
    await expect(stat(host)).rejects.toThrow('ENOENT')
  })

  test('a data folder with spaces, quotes and commas works', async () => {
    const postgres = await start(join(folder, `it's, a "data" $folder`))

    expect(await query(postgres, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('after a kill', () => {
  test('the server of a killed bot is adopted, with its process and data', async () => {
    const owner = await startOwner()
    const pid = await serverPid()
    await owner.kill()
    const survived = await isRunning(pid)

    const postgres = await start()
    const rows = await query(postgres, 'select 1 as one')
    const adopted = await serverPid()
    await postgres.stop()

    expect(owner.line).toBe('ready')
    expect(survived).toBe(true)
    expect(adopted).toBe(pid)
    expect(rows).toEqual([{ one: 1 }])
    expect(await isRunning(pid)).toBe(false)
  })

  test('a server that was killed itself is started again, and committed rows are there', async () => {
    const owner = await startOwner()
    const pid = await serverPid()
    const client = new pg.Client({ host: join(folder, 'postgres-socket'), user: 'tailgate', database: 'tailgate' })
    client.on('error', () => undefined)
    await client.connect()
    await client.query('create table kept as select 42 as answer')
    process.kill(pid, 'SIGKILL')
    await client.end().catch(() => undefined)
    await owner.kill()

    const postgres = await start()

    expect(await serverPid()).not.toBe(pid)
    expect(await query(postgres, 'select answer from kept')).toEqual([{ answer: 42 }])
    expect(postgres.messages).toContain('embedded postgres had died and is started again')
  })

  test('a killed server whose query still runs is waited for, since two servers would ruin the data', async () => {
    const owner = await startOwner()
    const client = new pg.Client({ host: join(folder, 'postgres-socket'), user: 'tailgate', database: 'tailgate' })
    client.on('error', () => undefined)
    await client.connect()
    const { rows } = await client.query('select pg_backend_pid() as pid')
    // Busy for some seconds, and a busy backend does not look whether its server still lives.
    client.query('select count(*) from generate_series(1, 12000000)').catch(() => undefined)
    await delay(200)
    process.kill(await serverPid(), 'SIGKILL')
    await owner.kill()
    const orphanRan = await isRunning(rows[0].pid)

    const postgres = await start()

    expect(orphanRan).toBe(true)
    expect(await isRunning(rows[0].pid)).toBe(false)
    expect(await query(postgres, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('a pid file whose id now belongs to another program is cleared, and that program left alone', async () => {
    const first = await start()
    await first.stop()
    const stranger = spawn('sleep', ['600'])
    cleanups.push(() => stranger.kill('SIGKILL'))
    const lines = [stranger.pid, join(folder, 'postgres'), 1, 5432, join(folder, 'postgres-socket'), '', 'ready', '']
    await writeFile(join(folder, 'postgres', 'postmaster.pid'), lines.join('\n'), { mode: 0o600 })

    const postgres = await start()
    await postgres.stop()

    expect(stranger.exitCode).toBeNull()
    expect(stranger.signalCode).toBeNull()
  })

  test('what an interrupted creation left is removed, and the data is created anew', async () => {
    // No process has this id: it is above the largest that Linux gives out.
    await mkdir(join(folder, 'postgres.init-99999999', 'base'), { recursive: true })

    const postgres = await start()

    expect(await query(postgres, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(await readdir(folder)).not.toContain('postgres.init-99999999')
  })
})

describe('refusals', () => {
  test('a second bot on the same folder is refused by the id of the first, which goes on', async () => {
    const owner = await startOwner()

    const refused = start()

    await expect(refused).rejects.toThrow(`Another Tailgate (process ${owner.pid}) already uses ${folder}.`)
    expect(await isRunning(await serverPid())).toBe(true)
  })

  test('two bots started at the same moment: one owns the server, the other is refused', async () => {
    const owners = await Promise.all([startOwner(), startOwner()])

    const lines = owners.map(({ line }) => line).sort()

    expect(lines).toEqual([expect.stringContaining('failed: Another Tailgate (process '), 'ready'])
  })

  test('data of another Postgres version is named and left as it is', async () => {
    await mkdir(join(folder, 'postgres'))
    await writeFile(join(folder, 'postgres', 'PG_VERSION'), '15\n')

    await expect(start()).rejects.toThrow('holds data of Postgres 15, but this Tailgate brings Postgres 18')
    expect(await readdir(join(folder, 'postgres'))).toEqual(['PG_VERSION'])
  })

  test("a server that cannot start is reported with the end of Postgres' own messages", async () => {
    const first = await start()
    await first.stop()
    await writeFile(join(folder, 'postgres', 'postgresql.conf'), 'no_such_setting = 1\n')

    await expect(start()).rejects.toThrow(/did not start\. The end of .*postgres\.log:\n.*no_such_setting/s)
  })
})
