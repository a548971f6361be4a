import { constants } from 'node:fs'
import { access, mkdtemp, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { DatabaseUrl } from '#contracts/settings.ts'
import { checkRedis, parseRedisUrl } from '#queue/check-redis.ts'
import { errorFields } from '#queue/queue-log.ts'
import { redactSecrets } from '#queue/redact-secrets.ts'
import { calibrationsFolder } from '#workers/calibration/store-calibration.ts'
import type { BotProbe, DatabaseProbe, DataDirProbe, RedisProbe } from './judge-services.ts'

const TIMEOUT_MS = 5_000
const WRITABLE_BY_OTHERS = 0o002

/** Tries to write into the data folder; nothing is left, and a folder that is not there is not made. */
export async function probeDataDir(dataDir: string): Promise<DataDirProbe> {
  const path = resolve(dataDir)
  try {
    const facts = await stat(path).catch(() => null)
    if (facts === null) {
      // With the slash a file in the way is an error, also for root.
      await access(`${await findExisting(dirname(path))}/`, constants.W_OK | constants.X_OK)
      return { kind: 'absent', path }
    }
    await rmdir(await mkdtemp(join(path, '.doctor-')))
    const calibrations = await stat(calibrationsFolder(path)).catch(() => null)
    const openPath = isOpen(facts) ? path : isOpen(calibrations) ? calibrationsFolder(path) : null
    return { kind: 'writable', path, openPath }
  } catch (error) {
    const { reason, code } = errorFields(error)
    return { kind: 'unusable', path, reason: code ?? reason }
  }
}

function isOpen(facts: { readonly mode: number } | null): boolean {
  return facts !== null && (facts.mode & WRITABLE_BY_OTHERS) !== 0
}

async function findExisting(path: string): Promise<string> {
  const found = await stat(path).catch(() => null)
  return found !== null || path === dirname(path) ? path : findExisting(dirname(path))
}

export async function probeRedis(url: string | null): Promise<RedisProbe> {
  if (url === null) return { kind: 'not_set' }
  const warned: { readonly policy: string }[] = []
  const EvictionWarning = z.object({ maxmemoryPolicy: z.string() })
  const ignore = () => undefined
  const warn = (fields: object) => {
    const parsed = EvictionWarning.safeParse(fields)
    if (parsed.success) warned.push({ policy: parsed.data.maxmemoryPolicy })
  }
  try {
    const { address } = parseRedisUrl(url)
    await checkRedis(url, { info: ignore, warn, error: ignore })
    const [found] = warned
    return found === undefined ? { kind: 'fit', address } : { kind: 'may_evict', address, policy: found.policy }
  } catch (error) {
    return { kind: 'unfit', message: hideSecrets(errorFields(error).reason, url) }
  }
}

const ServerVersion = z.object({ server_version: z.string() })

export async function probeDatabase(url: string | null): Promise<DatabaseProbe> {
  if (url === null) return { kind: 'not_set' }
  let address = 'The server in DATABASE_URL'
  let client: pg.Client | null = null
  // pg takes what is no address for the name of a database, with the password that is in it.
  const checked = DatabaseUrl.safeParse(url)
  if (!checked.success) return { kind: 'unreachable', address, reason: `it ${checked.error.issues[0]?.message ?? ''}` }
  try {
    client = new pg.Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS })
    // A connection lost between two queries is emitted, and would end the process if nobody listened.
    client.on('error', () => undefined)
    address = `${client.host}:${client.port}/${client.database ?? ''}`
    await client.connect()
    const { rows } = await client.query('show server_version')
    return { kind: 'answers', address, version: ServerVersion.parse(rows[0]).server_version }
  } catch (error) {
    return { kind: 'unreachable', address, reason: hideSecrets(errorFields(error).reason, url) }
  } finally {
    await client?.end().catch(() => undefined)
  }
}

const Health = z.object({ status: z.enum(['ok', 'unhealthy']) })

/** Asks for the bot's health, then shows the worker token with an empty request, which does nothing. */
export async function probeBot(url: string | null, workerToken: string | null): Promise<BotProbe> {
  if (url === null) return { kind: 'not_set' }
  const address = URL.canParse(url) ? new URL(url).origin : 'The address in BOT_URL'
  const base = url.replace(/\/+$/, '')
  try {
    const answer = await ask(`${base}/healthz`)
    const health = Health.safeParse(answer.body)
    if (!health.success) return { kind: 'not_the_bot', address, status: answer.status }
    if (health.data.status === 'unhealthy') return { kind: 'unhealthy', address }
    if (workerToken === null) return { kind: 'no_token', address }
    const { status } = await ask(`${base}/worker/source-token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${workerToken}`, 'content-type': 'application/json' },
      body: '{}'
    })
    if (status === 400) return { kind: 'fit', address }
    return status === 401 ? { kind: 'token_refused', address } : { kind: 'not_the_bot', address, status }
  } catch (error) {
    return { kind: 'unreachable', address, reason: hideSecrets(describeFetchError(error), url, workerToken ?? '') }
  }
}

async function ask(url: string, init: RequestInit = {}): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
  const body: unknown = await response.json().catch(() => null)
  return { status: response.status, body }
}

/** Node's fetch says only "fetch failed"; what happened is in the cause. */
function describeFetchError(error: unknown): string {
  return errorFields(error instanceof Error && error.cause instanceof Error ? error.cause : error).reason
}

/** The address itself, and the password in it, never reach the output. */
function hideSecrets(text: string, url: string, secret = ''): string {
  const password = URL.canParse(url) ? new URL(url).password : ''
  return redactSecrets(text, [url, password, decodePassword(password), secret])
}

/** A `%` that stands for itself should have been escaped, and is no reason to fail here. */
function decodePassword(password: string): string {
  try {
    return decodeURIComponent(password)
  } catch {
    return password
  }
}
