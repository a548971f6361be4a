import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type BotHarness, REPOSITORY, startHarness } from './bot-harness.ts'

let bot: BotHarness

beforeAll(async () => {
  bot = await startHarness()
})
afterAll(() => bot.stop())

async function countRequests(): Promise<number> {
  const [row] = await bot.query('select count(*)::int as n from request')
  return Number(row?.n)
}

async function answerTo(deliveryId: number): Promise<number | undefined> {
  await bot.github.deliveriesSettled()
  const delivery = bot.github.deliveries.find(({ id }) => id === deliveryId)
  return delivery?.outcome.kind === 'answered' ? delivery.outcome.status : undefined
}

test.each([
  ['a wrong signature', { secret: 'not the secret of this App' }, 400],
  ['no signature', { secret: null }, 400],
  ['a body that is not JSON', { contentType: 'text/plain' }, 415],
  ['an event that we do not handle', { event: 'star' }, 200]
])('%s changes nothing', async (_name, changes, status) => {
  const before = await countRequests()

  const delivery = bot.github.deliver({ event: 'pull_request', payload: { action: 'opened' }, ...changes })

  expect(await answerTo(delivery)).toBe(status)
  expect(await countRequests()).toBe(before)
})

test('a body over 25 MiB is refused before it is read', async () => {
  const before = await countRequests()

  const answer = await fetch(`${bot.url}/api/github/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.alloc(25 * 1024 * 1024 + 1, 0x20)
  }).then(
    ({ status }) => status,
    // The connection is closed while the rest is being sent, which some clients report instead of the answer.
    () => 'closed'
  )

  expect([413, 'closed']).toContain(answer)
  expect(await countRequests()).toBe(before)
})

test('a delivery that comes twice makes one run', async () => {
  const pull = await bot.openPull({ 'models/vad.onnx': 'delivered twice' })
  await bot.github.deliveriesSettled()
  const first = bot.github.deliveries.findLast(({ event }) => event === 'pull_request')
  if (first === undefined) throw new Error('Nothing was delivered.')
  await bot.concluded(pull.headSha)
  const before = await countRequests()

  const again = bot.github.redeliver(first.id)

  expect(await answerTo(again)).toBe(200)
  expect(await countRequests()).toBe(before)
  expect(bot.github.checkRuns(REPOSITORY, pull.headSha)).toHaveLength(1)
})

test('deliveries out of order never bring an old commit back', async () => {
  bot.github.pauseDeliveries()
  const pull = await bot.openPull({ 'models/vad.onnx': 'older' }, { branch: 'reordered' })
  const newerSha = await bot.github.commit(REPOSITORY, 'reordered', { files: { 'models/vad.onnx': 'newer' } })

  bot.github.resumeDeliveries('reversed')

  expect(await bot.concluded(newerSha)).toMatchObject({ conclusion: 'success' })
  expect(bot.github.checkRuns(REPOSITORY, pull.headSha)).toEqual([])
  expect(bot.jobs.some(({ candidateSha }) => candidateSha === pull.headSha)).toBe(false)
})

test('the answer does not wait for GitHub, and failing requests are tried again', async () => {
  bot.github.fail({ path: /\/pulls\/\d+/, status: 500, times: 3 })

  const pull = await bot.openPull({ 'models/vad.onnx': 'GitHub is unwell' })

  await bot.github.deliveriesSettled()
  const delivery = bot.github.deliveries.at(-1)
  expect(delivery?.outcome).toMatchObject({ kind: 'answered', status: 200 })
  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'success' })
})

test('/healthz tells that the database answers', async () => {
  const answer = await fetch(`${bot.url}/healthz`)

  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ status: 'ok', database: 'ok' })
})

test('a source token needs the worker token and a job that is wanted', async () => {
  const ask = (token: string, jobId: string) =>
    fetch(`${bot.url}/worker/source-token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jobId })
    })
  let status = 0
  let token = ''
  bot.setScript(async (job) => {
    const answer = await ask('a-worker-token-for-tests-only', job.jobId)
    status = answer.status
    token = JSON.stringify(await answer.json())
    throw new Error('enough seen')
  })

  const pull = await bot.openPull({ 'models/vad.onnx': 'token asked for' })
  await bot.concluded(pull.headSha)
  const jobId = bot.jobs.at(-1)?.jobId ?? ''

  expect(status).toBe(200)
  expect(token).toContain('ghs_')
  expect((await ask('wrong', jobId)).status).toBe(401)
  expect((await ask('a-worker-token-for-tests-only', 'run-unknown')).status).toBe(404)
  await vi.waitFor(async () => expect((await ask('a-worker-token-for-tests-only', jobId)).status).toBe(409))
})
