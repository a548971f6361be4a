import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type BotHarness, REPOSITORY, startHarness } from './bot-harness.ts'

let bot: BotHarness
let logged = ''

beforeAll(async () => {
  const write = (line: string) => {
    logged += line
  }
  bot = await startHarness({ log: pino({ level: 'info' }, { write }) })
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

const PAYLOAD = {
  action: 'opened',
  installation: { id: 5 },
  repository: { id: 7, name: 'voice', owner: { login: 'acme' } },
  sender: { login: 'mona', type: 'User' },
  pull_request: { number: 1 }
}

test.each([
  ['no repository', { ...PAYLOAD, repository: null }],
  ['a number that is text', { ...PAYLOAD, pull_request: { number: '1' } }],
  ['a number that no column holds', { ...PAYLOAD, pull_request: { number: 2 ** 40 } }],
  ['a name of a megabyte', { ...PAYLOAD, repository: { ...PAYLOAD.repository, name: 'x'.repeat(1_000_000) } }],
  ['an array', '[]'],
  ['a number', '12'],
  ['null', 'null'],
  ['half of it', '{"action":"opened",']
])('a signed payload with %s is the sender’s mistake', async (_name, payload) => {
  const before = await countRequests()

  const delivery = bot.github.deliver({ event: 'pull_request', payload })

  expect(await answerTo(delivery)).toBe(400)
  expect(await countRequests()).toBe(before)
})

test.each(['__proto__', '*', 'pull_request.opened', 'x'.repeat(1000)])(
  'the event name %s is refused',
  async (event) => {
    const before = await countRequests()

    const delivery = bot.github.deliver({ event, payload: PAYLOAD })

    expect(await answerTo(delivery)).toBe(400)
    expect(await countRequests()).toBe(before)
  }
)

test('a payload of 24 MB, deep as well, is taken like any other', async () => {
  const deep = `${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}`
  const text = `{"text":"${'x'.repeat(20_000_000)}","deep":${deep},${JSON.stringify(PAYLOAD).slice(1)}`
  const before = await countRequests()

  const delivery = bot.github.deliver({ event: 'pull_request', payload: text })

  expect(await answerTo(delivery)).toBe(200)
  expect(await countRequests()).toBe(before + 1)
})

test.each([
  ['whose signature is wrong', PAYLOAD, 'no secret of ours'],
  ['that cannot be read', { ...PAYLOAD, repository: null }, undefined]
])('a large delivery %s does not fill the log', async (_name, payload, secret) => {
  logged = ''

  const delivery = bot.github.deliver({
    event: 'pull_request',
    payload: { ...payload, text: 'private words '.repeat(100_000) },
    ...(secret === undefined ? {} : { secret })
  })

  expect(await answerTo(delivery)).toBe(400)
  expect(logged).toContain('"status":400')
  expect(logged).not.toContain('private words')
  expect(logged.length).toBeLessThan(50_000)
})

test('a client that goes away while it sends is not an error', async () => {
  const { hostname, port } = new URL(bot.url)
  logged = ''
  const socket = connect(Number(port), hostname)
  socket.write('POST /api/github/webhooks HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
  await sleep(100)

  socket.destroy()

  await sleep(300)
  expect(logged).not.toContain('request failed')
  expect((await fetch(`${bot.url}/healthz`)).status).toBe(200)
})

test('a body over 25 MiB without a stated length gets its answer', async () => {
  const { hostname, port } = new URL(bot.url)
  const mebibyte = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1024 * 1024, 0x20), Buffer.from('\r\n')])
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.write('POST /api/github/webhooks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
  for (let sent = 0; sent < 27; sent += 1) socket.write(mebibyte)

  await once(socket, 'close')

  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
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
  expect((await ask('a-worker-token-for-tests-only', 'run-\u0000')).status).toBe(400)
  expect((await ask('a-worker-token-for-tests-only', 'run-unknown')).status).toBe(404)
  await vi.waitFor(async () => expect((await ask('a-worker-token-for-tests-only', jobId)).status).toBe(409))
})
