import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openBenchmarkQueue } from '#queue/benchmark-queue.ts'
import { prepareQueue, type QueueConnection } from '#queue/connection.ts'
import { serveQueue } from '#queue/serve-queue.ts'
import { exampleResult } from './benchmark-examples.ts'
import { createPostgresStore, createRedisStore, hasRedisServer, QUIET, type QueueStore } from './queue-stores.ts'

let cleanups: (() => Promise<unknown>)[]

beforeEach(() => {
  cleanups = []
})

afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

async function use(creating: Promise<QueueStore>): Promise<QueueConnection> {
  const store = await creating
  cleanups.push(() => store.remove())
  return store.connection
}

function serve(connection: QueueConnection): Promise<unknown> {
  const process = async ({ jobId }: { readonly jobId: string }) => exampleResult(jobId)
  return serveQueue({ connection, workerId: 'worker-1', process, log: QUIET })
}

describe('over Postgres', () => {
  test('a worker does not make the tables, and says who does', async () => {
    const connection = await use(createPostgresStore())

    await expect(serve(connection)).rejects.toMatchObject({
      code: 'not_prepared',
      message: expect.stringContaining('Start the bot once')
    })
  })

  test('preparing again, also twice at once, changes nothing', async () => {
    const connection = await use(createPostgresStore())

    await Promise.all([prepareQueue(connection, QUIET), prepareQueue(connection, QUIET)])
    await prepareQueue(connection, QUIET)
    const queue = await openBenchmarkQueue({ connection, log: QUIET })
    cleanups.push(() => queue.close())

    expect(await queue.state('run-1')).toEqual({ kind: 'unknown' })
  })

  test('a database that cannot be reached is named as the reason, without its password', async () => {
    const config = { host: '127.0.0.1', port: 1, user: 'bot', password: 'hunter2' }

    const refused = prepareQueue({ kind: 'postgres', config }, QUIET)

    await expect(refused).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED')
    })
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') })
  })
})

test('a Redis that cannot be reached is named, without its password', async () => {
  const refused = prepareQueue({ kind: 'redis', url: 'redis://bot:hunter2@127.0.0.1:1' }, QUIET)

  await expect(refused).rejects.toMatchObject({
    code: 'unreachable',
    message:
      'Redis at 127.0.0.1:1 cannot be used: connect ECONNREFUSED 127.0.0.1:1. Check REDIS_URL and that Redis runs.'
  })
})

describe.skipIf(!hasRedisServer())('over Redis (needs redis-server)', () => {
  test('a refused password is told, but not repeated, not even on the error', async () => {
    const connection = await use(createRedisStore('s3cret-pass'))
    const url = connection.kind === 'redis' ? connection.url.replace('s3cret-pass', 'wr0ng-pass') : ''
    const logged: unknown[] = []
    const note = (...message: unknown[]): void => {
      logged.push(message)
    }

    const refused: unknown = await prepareQueue({ kind: 'redis', url }, { info: note, warn: note, error: note }).catch(
      (error: unknown) => error
    )

    expect(refused).toMatchObject({ code: 'unreachable', message: expect.stringContaining('WRONGPASS') })
    expect(inspect([refused, logged], { depth: null })).not.toContain('wr0ng-pass')
  })

  test('a server that may evict jobs is warned about', async () => {
    const connection = await use(createRedisStore())
    const redis = new Redis(connection.kind === 'redis' ? connection.url : '')
    cleanups.push(() => redis.quit())
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const warnings: object[] = []

    await prepareQueue(connection, { ...QUIET, warn: (fields) => warnings.push(fields) })

    expect(warnings).toEqual([expect.objectContaining({ maxmemoryPolicy: 'allkeys-lru' })])
  })
})
