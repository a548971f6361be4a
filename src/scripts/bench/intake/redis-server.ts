import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { findFreePort } from '#src/cli/demo/find-free-port.ts'

const START_TIMEOUT_MS = 10_000
const POLL_MS = 50

export type RedisStart =
  | { readonly kind: 'started'; readonly url: string; readonly stop: () => Promise<void> }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** Starts a redis-server of our own on loopback, keeping nothing on disk. */
export async function startRedisServer(folder: string): Promise<RedisStart> {
  const port = await findFreePort()
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--dir', folder]
  const child = spawn('redis-server', args, { stdio: 'ignore' })
  const failure = await Promise.race([
    once(child, 'spawn').then(() => null),
    once(child, 'error').then(([error]: unknown[]) => (error instanceof Error ? error.message : String(error)))
  ]).catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
  if (failure !== null) return { kind: 'unavailable', reason: `redis-server cannot be started: ${failure}` }
  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
  const url = `redis://127.0.0.1:${port}`
  if (await answersPing(url)) return { kind: 'started', url, stop }
  await stop()
  return { kind: 'unavailable', reason: `redis-server did not answer on ${url} within ${START_TIMEOUT_MS} ms` }
}

async function answersPing(url: string): Promise<boolean> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadlineMs) {
    const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
    redis.on('error', () => undefined)
    const answered = await redis
      .connect()
      .then(() => redis.ping())
      .then(
        () => true,
        () => false
      )
    redis.disconnect()
    if (answered) return true
    await sleep(POLL_MS)
  }
  return false
}
