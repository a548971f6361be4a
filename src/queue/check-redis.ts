import { Redis } from 'ioredis'
import { QueueError } from './queue-error.ts'
import { errorFields, type QueueLog } from './queue-log.ts'

/** BullMQ 6 runs from 5.0 but warns below 6.2, and the queue is tested from 6.2 on. */
const MINIMUM_REDIS = { major: 6, minor: 2 } as const
const CONNECT_TIMEOUT_MS = 5_000

/** What may be shown of a Redis address: never the user or the password. */
export interface RedisAddress {
  readonly address: string
}

/** @throws QueueError `bad_address` */
export function parseRedisUrl(url: string): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || (parsed.protocol !== 'redis:' && parsed.protocol !== 'rediss:')) {
    throw new QueueError('REDIS_URL must be an address like redis://host:6379 or, with TLS, rediss://host:6379.', {
      code: 'bad_address'
    })
  }
  return { address: `${parsed.hostname || 'localhost'}:${parsed.port || '6379'}` }
}

/** Grows by a second per attempt up to five, so that a returning Redis is found soon. */
export function reconnectDelayMs(attempt: number): number {
  return Math.min(attempt * 1000, 5000)
}

/**
 * Connects once and checks the server. An eviction policy that may drop jobs is only warned about: it does nothing while
 * memory lasts, and a lost job is queued again by the bot.
 * @throws QueueError `bad_address`, `unreachable`, `too_old`
 */
export async function checkRedis(url: string, log: QueueLog): Promise<void> {
  const { address } = parseRedisUrl(url)
  const finding = judgeRedis(await readInfo(url, address))
  switch (finding.kind) {
    case 'fit':
      return
    case 'too_old': {
      const message = `Redis at ${address} is version ${finding.version}; the queue needs 6.2 or newer.`
      throw new QueueError(message, { code: 'too_old' })
    }
    case 'may_evict': {
      const advice = 'jobs may vanish when memory is short; run `CONFIG SET maxmemory-policy noeviction`'
      log.warn({ redis: address, maxmemoryPolicy: finding.policy, advice }, 'redis may evict jobs')
    }
  }
}

export type RedisFinding =
  | { readonly kind: 'fit' }
  | { readonly kind: 'too_old'; readonly version: string }
  | { readonly kind: 'may_evict'; readonly policy: string }

/** Judges a server by its answer to `INFO`: lines of `key:value`. What it does not say is taken to be right. */
export function judgeRedis(info: string): RedisFinding {
  const version = readEntry(info, 'redis_version')
  if (version !== null && isTooOld(version)) return { kind: 'too_old', version }
  const policy = readEntry(info, 'maxmemory_policy')
  return policy === null || policy === 'noeviction' ? { kind: 'fit' } : { kind: 'may_evict', policy }
}

function readEntry(info: string, key: string): string | null {
  const line = info.split(/\r?\n/).find((entry) => entry.startsWith(`${key}:`))
  return line === undefined ? null : line.slice(key.length + 1)
}

async function readInfo(url: string, address: string): Promise<string> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null
  })
  const failures: unknown[] = []
  redis.on('error', (error) => failures.push(error))
  const info = await askInfo(redis).catch((error: unknown) => {
    failures.push(error)
    return null
  })
  redis.disconnect()
  if (info !== null) return info
  // The event comes first and says why; `connect()` only says "Connection is closed". Kept as text alone, because
  // ioredis puts the password on the error of a refused AUTH.
  const { reason } = errorFields(failures[0])
  throw new QueueError(`Redis at ${address} cannot be used: ${reason}. Check REDIS_URL and that Redis runs.`, {
    code: 'unreachable'
  })
}

async function askInfo(redis: Redis): Promise<string> {
  await redis.connect()
  return redis.info()
}

function isTooOld(version: string): boolean {
  const [major = Number.NaN, minor = Number.NaN] = version.split('.').map(Number)
  if (Number.isNaN(major) || Number.isNaN(minor)) return false
  return major < MINIMUM_REDIS.major || (major === MINIMUM_REDIS.major && minor < MINIMUM_REDIS.minor)
}
