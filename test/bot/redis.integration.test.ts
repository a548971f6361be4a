import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRedisStore, hasRedisServer, type QueueStore } from '#test/queue/queue-stores.ts'
import { type BotHarness, measured, startHarness } from './bot-harness.ts'

describe.skipIf(!hasRedisServer())('the bot with its queue on Redis (needs redis-server)', () => {
  let redis: QueueStore
  let bot: BotHarness

  beforeAll(async () => {
    redis = await createRedisStore()
    if (redis.connection.kind !== 'redis') throw new Error('The store is not Redis.')
    bot = await startHarness({ redisUrl: redis.connection.url })
  })
  afterAll(async () => {
    await bot.stop()
    await redis.remove()
  })

  test('a slower model ends in a failed check', async () => {
    bot.setScript((job) => measured(job, 1.2))

    const pull = await bot.openPull({ 'models/vad.onnx': 'slower over Redis' })

    expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'failure' })
  })

  test('a webhook that comes while Redis is down is answered, and its check ends when Redis is back', async () => {
    bot.setScript((job) => measured(job, 1))
    await redis.stop()

    const pull = await bot.openPull({ 'models/vad.onnx': 'sent while Redis was down' })

    await bot.github.deliveriesSettled()
    expect(bot.checkOf(pull.headSha)?.conclusion ?? null).toBeNull()
    expect(bot.github.deliveries.findLast(({ event }) => event === 'pull_request')?.outcome).toMatchObject({
      kind: 'answered',
      status: 200
    })
    await redis.start()
    expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'success' })
  })
})
