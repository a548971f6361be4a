import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkRedis } from '#queue/check-redis.ts'
import type { QueueConnection } from '#queue/connection.ts'
import { findFreePort } from '#src/cli/demo/find-free-port.ts'
import { startEmbeddedPostgres } from '#src/history/embedded-postgres.ts'

export const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A real server that a queue can be kept on. It can be stopped and started again under the same address. */
export interface QueueStore {
  readonly connection: QueueConnection
  start(): Promise<void>
  stop(): Promise<void>
  /** Stops it and removes its files. */
  remove(): Promise<void>
}

export async function createPostgresStore(): Promise<QueueStore> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'tailgate-test-'))
  let postgres = await startEmbeddedPostgres({ dataDirectory, log: QUIET })
  const stop = (): Promise<void> => postgres.stop()
  return {
    connection: { kind: 'postgres', config: postgres.connection },
    start: async () => {
      postgres = await startEmbeddedPostgres({ dataDirectory, log: QUIET })
    },
    stop,
    remove: async () => {
      await stop()
      await rm(dataDirectory, { recursive: true, force: true })
    }
  }
}

/** Whether `redis-server` can be started here. */
export function hasRedisServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export async function createRedisStore(password: string | null = null): Promise<QueueStore> {
  const folder = await mkdtemp(join(tmpdir(), 'tailgate-test-'))
  const port = await findFreePort()
  const url = password === null ? `redis://127.0.0.1:${port}` : `redis://:${password}@127.0.0.1:${port}`
  let server: ChildProcess | null = null
  const stop = async (): Promise<void> => {
    if (server === null || server.exitCode !== null) return
    const exited = once(server, 'exit')
    server.kill('SIGTERM')
    await exited
  }
  const start = async (): Promise<void> => {
    // Append-only with a sync per write: like the set-up that operators are told to use, a stop loses nothing.
    const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--appendonly', 'yes', '--save', '']
    if (password !== null) args.push('--requirepass', password)
    server = spawn('redis-server', args, { stdio: 'ignore' })
    await untilAnswering(url)
  }
  await start()
  return {
    connection: { kind: 'redis', url },
    start,
    stop,
    remove: async () => {
      await stop()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** A Redis that somebody else runs: it cannot be stopped. */
export function useRedisStore(url: string): QueueStore {
  const refuse = (): Promise<void> => Promise.reject(new Error('this Redis is not ours to stop'))
  return { connection: { kind: 'redis', url }, start: refuse, stop: refuse, remove: () => Promise.resolve() }
}

async function untilAnswering(url: string): Promise<void> {
  for (;;) {
    const failure = await checkRedis(url, QUIET).then(
      () => null,
      (error: unknown) => String(error)
    )
    if (failure === null) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
