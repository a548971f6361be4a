import {
  assertSchemaCompatibility,
  type BackendFactory,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  type PostgresPoolConfig,
  runMigrations,
  SchemaMigrationRequiredError
} from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import { checkRedis, parseRedisUrl, reconnectDelayMs } from './check-redis.ts'
import { QueueError } from './queue-error.ts'
import { errorFields, type QueueLog } from './queue-log.ts'

/** Where the queue is kept: in a Postgres database, or on a Redis server (`redis://` or, with TLS, `rediss://`). */
export type QueueConnection =
  | { readonly kind: 'postgres'; readonly config: pg.PoolConfig }
  | { readonly kind: 'redis'; readonly url: string }

/**
 * `producer`: the bot's adding and reading, which must fail at once when the server is away.
 * `consumer`: waiting for jobs or events, which must outlast an outage.
 */
export type QueueRole = 'producer' | 'consumer'

/** An open backend. `options` and `factory` are passed to BullMQ's classes; the factory knows the connection itself. */
export interface QueueBackend {
  readonly options: { readonly connection: object; readonly skipWaitingForReady?: boolean }
  readonly factory: BackendFactory<IQueueBackend, object>
  /** Closes what BullMQ's own `close()` leaves open. */
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000
const COMMAND_TIMEOUT_MS = 10_000

/**
 * Makes the store ready for the queue: BullMQ's tables in Postgres, a version check on Redis. The bot calls this at
 * start, before {@link openBenchmarkQueue}; workers only check.
 * @throws QueueError `bad_address`, `unreachable`, `too_old`
 */
export async function prepareQueue(connection: QueueConnection, log: QueueLog): Promise<void> {
  if (connection.kind === 'redis') return checkRedis(connection.url, log)
  await withPostgres(connection.config, async (client) => {
    await runMigrations(client)
  })
}

/**
 * Checks what {@link prepareQueue} made, without changing anything.
 * @throws QueueError `not_prepared` and those of {@link prepareQueue}
 */
export async function checkQueue(connection: QueueConnection, log: QueueLog): Promise<void> {
  if (connection.kind === 'redis') return checkRedis(connection.url, log)
  await withPostgres(connection.config, async (client) => {
    await assertSchemaCompatibility(client)
  })
}

/** Opens the store for one role. The caller has run {@link prepareQueue} or {@link checkQueue} before. */
export async function openBackend(connection: QueueConnection, role: QueueRole, log: QueueLog): Promise<QueueBackend> {
  if (connection.kind === 'postgres') return postgresBackend(connection.config, role)
  return role === 'producer' ? redisProducer(connection.url, log) : redisConsumer(connection.url)
}

function postgresBackend(config: pg.PoolConfig, role: QueueRole): QueueBackend {
  const poolConfig: pg.PoolConfig = {
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    max: 4,
    // Without this a query on a connection whose other end vanished would wait for hours.
    ...(role === 'producer' ? { query_timeout: COMMAND_TIMEOUT_MS } : {}),
    ...config
  }
  if (!isStaticConfig(poolConfig)) {
    throw new QueueError('The queue cannot use a database password that is made by a function.', {
      code: 'bad_address'
    })
  }
  return {
    options: { connection: {} },
    factory: (name, options, roles) => createPostgresBackend(name, { ...options, connection: poolConfig }, roles),
    close: () => Promise.resolve()
  }
}

/** BullMQ's type for a configuration allows fewer kinds of password than pg's; the rest is the same. */
function isStaticConfig(config: pg.PoolConfig): config is pg.PoolConfig & PostgresPoolConfig {
  return typeof config.password !== 'function'
}

/**
 * Adding must fail at once while Redis is away; ioredis would otherwise keep the command until it is back. That needs
 * `enableOfflineQueue: false` and `skipWaitingForReady: true` together, and a client that is connected already, because
 * BullMQ's first command would be refused too and it never tries again.
 */
async function redisProducer(url: string, log: QueueLog): Promise<QueueBackend> {
  const { address } = parseRedisUrl(url)
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: reconnectDelayMs
  })
  redis.on('error', (error) => log.warn({ redis: address, ...errorFields(error) }, 'redis connection failed'))
  // The error itself is not kept as a cause: ioredis puts the password on it.
  const failure = await redis.connect().then(
    () => null,
    (error: unknown) => errorFields(error).reason
  )
  if (failure !== null) {
    redis.disconnect()
    throw new QueueError(`Redis at ${address} cannot be reached: ${failure}.`, { code: 'unreachable' })
  }
  return {
    options: { connection: {}, skipWaitingForReady: true },
    factory: (name, options, roles) => createRedisBackend(name, { ...options, connection: redis }, roles),
    close: () => {
      redis.disconnect()
      return Promise.resolve()
    }
  }
}

function redisConsumer(url: string): QueueBackend {
  // BullMQ makes its own clients of these and closes them itself. It insists on null for clients that block.
  const connection = {
    url,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: reconnectDelayMs
  }
  return {
    options: { connection: {} },
    factory: (name, options, roles) => createRedisBackend(name, { ...options, connection }, roles),
    close: () => Promise.resolve()
  }
}

async function withPostgres(config: pg.PoolConfig, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionTimeoutMillis: CONNECT_TIMEOUT_MS, ...config })
  // A connection lost between two queries is emitted, and would end the process if nobody listened.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await work(client)
  } catch (error) {
    throw explainPostgresError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

function explainPostgresError(error: unknown): QueueError {
  if (error instanceof SchemaMigrationRequiredError) {
    const message = 'The queue has no tables in this Postgres database yet. Start the bot once; it creates them.'
    return new QueueError(message, { code: 'not_prepared', cause: error })
  }
  const message = `The queue's Postgres database cannot be used: ${errorFields(error).reason}. Check DATABASE_URL.`
  return new QueueError(message, { code: 'unreachable', cause: error })
}
