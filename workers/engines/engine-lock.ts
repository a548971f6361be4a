import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 250

/**
 * Waits until no other process of this machine installs the same engine into the same folder, for `waitMaxMs` at most: what
 * it saves is the download. Two that install at once do not harm each other, since a finished installation is moved to its
 * place in one step.
 *
 * An abstract Unix socket, as for measuring-lock.ts: the system lets go of it when its process ends. Where there are none,
 * nobody waits.
 *
 * @returns lets the next one go on
 * @throws the signal's reason when it aborts
 */
export async function lockEngine(engineDirectory: string, signal: AbortSignal, waitMaxMs: number): Promise<() => void> {
  const digest = createHash('sha256').update(engineDirectory).digest('hex').slice(0, 32)
  const endMs = performance.now() + waitMaxMs
  for (;;) {
    signal.throwIfAborted()
    const lock = await listen(`\0tailgate-engine-${digest}`)
    if (lock !== 'busy') return lock
    if (performance.now() > endMs) return () => undefined
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function listen(name: string): Promise<'busy' | (() => void)> {
  if (process.platform !== 'linux') return () => undefined
  const server = createServer((socket) => void socket.destroy())
  try {
    await once(server.listen(name).unref(), 'listening')
    server.on('error', () => undefined)
    return () => void server.close()
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? 'busy' : () => undefined
  }
}
