import { describe, expect, test, vi } from 'vitest'
import { openQueue } from '#src/open-queue.ts'
import { createRedisStore, hasRedisServer } from '#test/queue/queue-stores.ts'

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }

describe.skipIf(!hasRedisServer())('opening the queue (needs redis-server)', () => {
  test('a server that is down at the start is used as soon as it is up', async () => {
    const redis = await createRedisStore()
    await redis.stop()
    const { queue, close } = await openQueue({ connection: redis.connection, changed: () => undefined, log: SILENT })
    await expect(queue.state('run-1')).rejects.toMatchObject({ code: 'unreachable' })

    await redis.start()

    await vi.waitFor(async () => expect(await queue.state('run-1')).toEqual({ kind: 'unknown' }), { timeout: 15_000 })
    await close()
    await redis.remove()
  })
})
