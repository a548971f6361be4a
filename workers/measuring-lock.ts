import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { realpath } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

const POLL_MS = 500
const ANSWER_TIMEOUT_MS = 2000
const ANSWER_MAX_CHARACTERS = 200

/** Who measures, as they say it themselves. */
const Holder = z.object({ work: z.enum(['job', 'calibration']), pid: z.int().positive() })
export type Holder = z.infer<typeof Holder>

const HOLDER_NAMES: Readonly<Record<Holder['work'], string>> = { job: 'another worker', calibration: 'a calibration' }

/** Whom a job waits for. Anything may hold the lock, so one that does not say who it is gets no name. */
export function nameHolder(holder: Holder | null): string {
  return holder === null ? 'another process' : HOLDER_NAMES[holder.work]
}

/** Lets the next one measure. */
export type ReleaseLock = () => void

export type TriedLock =
  | { readonly kind: 'taken'; readonly release: ReleaseLock }
  /** `holder` is null when it did not say, or has ended just now. */
  | { readonly kind: 'busy'; readonly holder: Holder | null }

export interface LockOptions {
  /** Those that share this folder share the lock. */
  readonly dataDirectory: string
  readonly work: Holder['work']
}

export interface WaitOptions extends LockOptions {
  readonly signal: AbortSignal
  /** Called once, when it turns out that there is somebody to wait for. */
  readonly waiting: (holder: Holder | null) => void
}

/**
 * Takes the right to measure on this machine: two that measure at the same time measure each other.
 *
 * The lock is an abstract Unix socket [unix(7)]. The system lets go of it when its process ends, however that ends, so that
 * nothing stale is ever left, and whoever connects is told who holds it. It reaches as far as the network namespace: a
 * container does not see the lock of another one. Within it any user of the machine can hold it, for as long as they like:
 * who waits must have a limit of their own (a job is given up by the bot). Systems other than Linux have no such sockets; there it is always free.
 */
export async function tryLock(options: LockOptions): Promise<TriedLock> {
  const { next, measuring } = await lockNames(options.dataDirectory)
  const turn = await listen(next, options)
  if (turn === 'busy') return { kind: 'busy', holder: (await askHolder(measuring)) ?? (await askHolder(next)) }
  const lock = await listen(measuring, options)
  turn?.close()
  if (lock === 'busy') return { kind: 'busy', holder: await askHolder(measuring) }
  return { kind: 'taken', release: () => lock?.close() }
}

/** The same, in its turn: one that waits comes before the next job of a busy worker. Free at once when aborted. */
export async function waitForLock(options: WaitOptions): Promise<ReleaseLock> {
  const { signal } = options
  const { next, measuring } = await lockNames(options.dataDirectory)
  let told = false
  const wait = async (name: string): Promise<Server | null> => {
    for (;;) {
      const server = await listen(name, options)
      if (server !== 'busy') return server
      if (!told) options.waiting(await askHolder(measuring))
      told = true
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return null
    }
  }
  const turn = await wait(next)
  const lock = signal.aborted ? null : await wait(measuring)
  turn?.close()
  return () => lock?.close()
}

async function lockNames(dataDirectory: string): Promise<{ readonly next: string; readonly measuring: string }> {
  const folder = await realpath(dataDirectory).catch(() => resolve(dataDirectory))
  const name = `\0tailgate-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`
  return { next: `${name}-next`, measuring: name }
}

/** @returns null where such sockets do not work: then nobody waits for anybody */
async function listen(name: string, { work }: LockOptions): Promise<Server | 'busy' | null> {
  if (process.platform !== 'linux') return null
  const said = JSON.stringify({ work, pid: process.pid } satisfies Holder)
  const server = createServer((socket) => {
    socket.on('error', () => undefined).end(said)
    socket.destroySoon()
  })
  try {
    await once(server.listen(name).unref(), 'listening')
    return server.on('error', () => undefined)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? 'busy' : null
  }
}

/** What any process of this machine may have put there, so nothing but a pid and one of two words is taken from it. */
function askHolder(name: string): Promise<Holder | null> {
  return new Promise((done) => {
    let said = ''
    const socket = connect(name).setEncoding('utf8')
    // For all of it: a socket's own timeout begins again with every byte.
    const timer = setTimeout(() => socket.destroy(), ANSWER_TIMEOUT_MS)
    socket.on('data', (text: string) => {
      said += text
      if (said.length > ANSWER_MAX_CHARACTERS) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      done(readHolder(said))
    })
  })
}

function readHolder(said: string): Holder | null {
  try {
    return Holder.parse(JSON.parse(said))
  } catch {
    return null
  }
}
