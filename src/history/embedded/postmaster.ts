import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)
const CONNECT_TIMEOUT_MS = 3_000
/** SQLSTATE `cannot_connect_now`: the server is there, but is starting up, recovering or shutting down. */
const CANNOT_CONNECT_NOW = '57P03'

/** What a running server writes into `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number
  readonly socketFolder: string
}

export type Answer = 'ready' | 'not_yet' | 'silent'

/** Above every process id that Linux (2^22) or macOS (99 999) gives out. */
const NO_PROCESS = 2_147_483_647

/** Null when there is no such file, or none that a server finished writing. */
export async function readPostmaster(clusterFolder: string): Promise<Postmaster | null> {
  const text = await readFile(join(clusterFolder, 'postmaster.pid'), 'utf8').catch(() => '')
  // Lines: pid, data folder, start time, port, socket folder, … (src/include/utils/pidfile.h)
  const lines = text.split('\n')
  const pid = Number(lines[0])
  const socketFolder = lines[4]?.trim() ?? ''
  return Number.isInteger(pid) && pid > 0 ? { pid, socketFolder } : null
}

/**
 * Makes Postgres see that the server of a `postmaster.pid` is dead, though its id may belong to another process by now.
 * The file must stay: Postgres finds processes of the dead server that still write by the shared memory named in it.
 */
export async function disownPidFile(clusterFolder: string): Promise<void> {
  const path = join(clusterFolder, 'postmaster.pid')
  const [, ...rest] = (await readFile(path, 'utf8')).split('\n')
  await writeFile(path, [NO_PROCESS, ...rest].join('\n'))
}

/** Asks the server behind a socket, over the database that always exists. */
export async function askServer(socketFolder: string): Promise<Answer> {
  if (socketFolder === '') return 'silent'
  const client = new pg.Client({
    ...socketConfig(socketFolder),
    database: 'postgres',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return 'ready'
  } catch (error) {
    return error instanceof pg.DatabaseError && error.code === CANNOT_CONNECT_NOW ? 'not_yet' : 'silent'
  } finally {
    await client.end().catch(() => undefined)
  }
}

export function socketConfig(socketFolder: string): {
  readonly host: string
  readonly port: number
  readonly user: string
} {
  // The port is only part of the socket's name here.
  return { host: socketFolder, port: 5432, user: 'tailgate' }
}

/** Whether a process of this id runs and is a Postgres. After a reboot the id may belong to anything. */
export async function isPostgresRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return (await readProcessName(pid)).includes('postgres')
}

async function readProcessName(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    // A dead process that nobody waited for keeps its name.
    return /^State:\s+[ZX]/m.test(status) ? '' : (/^Name:\s+(.*)$/m.exec(status)?.[1] ?? '')
  }
  const { stdout } = await run('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout
}
