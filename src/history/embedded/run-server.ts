import { spawn } from 'node:child_process'
import { open, readFile, rename, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { type PostgresBinaries, postgresEnv } from './postgres-binaries.ts'
import { askServer, isPostgresRunning, type Postmaster, readPostmaster } from './postmaster.ts'

/** Recovery after a kill is part of a start; with 256 MB of log it takes seconds. */
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 60_000
const POLL_MS = 50
const LOG_LIMIT_BYTES = 10 * 1024 * 1024
const LOG_TAIL_LINES = 12

/** One bot and a few local workers. What is written stays small, so these stay modest. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '50',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // The shared memory of parallel queries would need more /dev/shm than containers have.
  max_parallel_workers_per_gather: '0',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off'
}

/** The folders and programs of one embedded server. */
export interface Place {
  readonly dataDirectory: string
  readonly cluster: string
  readonly logFile: string
  readonly binaries: PostgresBinaries
}

/** @throws EmbeddedPostgresError `start_failed`, with the end of Postgres' own messages */
export async function startServer(place: Place, socketFolder: string): Promise<Postmaster> {
  const messagesStart = await rotateLog(place.logFile)
  const hasEnded = await spawnServer(place, socketFolder)
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadlineMs && !hasEnded()) {
    const postmaster = await readPostmaster(place.cluster)
    if (postmaster !== null && (await askServer(postmaster.socketFolder)) === 'ready') return postmaster
    await delay(POLL_MS)
  }
  const tail = await readLogTail(place.logFile, messagesStart)
  const message = `The embedded Postgres on ${place.dataDirectory} did not start. The end of ${place.logFile}:\n${tail}`
  throw new EmbeddedPostgresError(message, { code: 'start_failed' })
}

/** @throws EmbeddedPostgresError `not_answering` when it still runs after a minute */
export async function stopServer(place: Place, { pid }: Postmaster): Promise<void> {
  // Postgres' "fast" shutdown: connections are ended and open transactions rolled back.
  if (await isPostgresRunning(pid)) process.kill(pid, 'SIGINT')
  const deadlineMs = performance.now() + STOP_TIMEOUT_MS
  while (await isPostgresRunning(pid)) {
    if (performance.now() > deadlineMs) throw notAnswering(place, pid)
    await delay(POLL_MS)
  }
}

export function notAnswering({ dataDirectory, logFile }: Place, pid: number): EmbeddedPostgresError {
  const message = `The Postgres on ${dataDirectory} (process ${pid}) runs but does not answer. See ${logFile}, or end it with: kill -INT ${pid}`
  return new EmbeddedPostgresError(message, { code: 'not_answering' })
}

/**
 * Not through `pg_ctl`, which would hand the settings, and paths in them, to a shell.
 * @returns whether the process has ended again
 */
async function spawnServer(place: Place, socketFolder: string): Promise<() => boolean> {
  const { binaries, cluster, logFile } = place
  const command = [...binaries.prefix, binaries.postgres, '-D', cluster]
  for (const [name, value] of Object.entries({ ...SETTINGS, unix_socket_directories: socketFolder })) {
    command.push('-c', `${name}=${value}`)
  }
  const [program = binaries.postgres, ...args] = command
  const messages = await open(logFile, 'a', 0o600)
  // Detached: Ctrl-C in the bot's terminal must not end the server before the bot is done with it.
  const stdio = ['ignore' as const, messages.fd, messages.fd]
  const child = spawn(program, args, { cwd: cluster, detached: true, env: postgresEnv(), stdio })
  let ended = false
  const end = (): void => {
    ended = true
  }
  child.once('exit', end).once('error', end)
  child.unref()
  await messages.close()
  return () => ended
}

/** Keeps one old file. Returns the byte at which the messages of this start begin. */
async function rotateLog(logFile: string): Promise<number> {
  const bytes = await stat(logFile).then(
    ({ size }) => size,
    () => 0
  )
  if (bytes <= LOG_LIMIT_BYTES) return bytes
  await rename(logFile, `${logFile}.1`)
  return 0
}

async function readLogTail(logFile: string, start: number): Promise<string> {
  const messages = await readFile(logFile).catch(() => Buffer.alloc(0))
  return messages.subarray(start).toString('utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n')
}
