import { Writable } from 'node:stream'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perceptronModel } from '#test/fixtures/onnx/write-model.ts'
import { type BotHarness, REPOSITORY, startHarness } from './bot-harness.ts'
import { createRealWorker, type RealWorker } from './real-worker.ts'

const CONFIG = `version: 1
models:
  vad: { path: models/vad.onnx }
scenarios: { single_stream: {} }
measuring: { round_seconds: 0.2, warm_up_seconds: 0, warm_up_requests: 1, max_rounds: 9 }
`
/** An installation token as GitHub and the stand-in make them. */
const TOKEN = /ghs_[\w.-]{10,}/

let bot: BotHarness
let worker: RealWorker
let logged = ''

beforeAll(async () => {
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      logged += chunk.toString()
      done()
    }
  })
  bot = await startHarness({ log: pino({ level: 'trace' }, sink) })
  worker = await createRealWorker(bot)
  await bot.github.commit(REPOSITORY, 'main', {
    files: { '.github/tailgate.yml': CONFIG, 'models/vad.onnx': model(1) }
  })
})
afterAll(async () => {
  await bot.stop()
  await worker.remove()
})

function model(seed: number): Uint8Array {
  return perceptronModel({ rows: 1, width: 16, layers: 1, seed })
}

/** Every row of every table, the queue's among them. */
async function dumpDatabase(): Promise<string> {
  const tables = await bot.query(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`
  )
  const dumps = await Promise.all(
    tables.map(({ name }) => bot.query(`select row_to_json(t)::text as row from ${name} t`))
  )
  return dumps
    .flat()
    .map(({ row }) => row)
    .join('\n')
}

test('a private repository is not fetched without a token, and the check says what is wrong', async () => {
  bot.setScript(worker.runWithoutToken)

  const pull = await bot.openPull({ 'models/vad.onnx': model(2) })

  const check = await bot.concluded(pull.headSha)
  expect(check.conclusion).toBe('failure')
  expect(check.title).toContain('could not be fetched')
  expect(`${check.summary}${check.text}`).toContain('worker may read the repository')
})

test('each fetch has a token of its own for one repository and contents only, revoked right after', async () => {
  let tokenShown = ''
  bot.setScript(async (job, context) => {
    const answer = await fetch(`${bot.url}/worker/source-token`, {
      method: 'POST',
      headers: { authorization: 'Bearer a-worker-token-for-tests-only' },
      body: JSON.stringify({ jobId: job.jobId })
    })
    tokenShown = await answer.text()
    return worker.run(job, context)
  })
  const seen = bot.github.requests.length

  const pull = await bot.openPull({ 'models/vad.onnx': model(3) })

  const check = await bot.concluded(pull.headSha)
  expect(check.summary).toContain('| p50 |')
  const requests = bot.github.requests.slice(seen)
  const minted = requests.filter(({ method, url }) => method === 'POST' && url.endsWith('/access_tokens'))
  const forWorkers = minted.filter(({ body }) => JSON.stringify(body ?? null).includes('"contents":"read"'))
  expect(forWorkers.map(({ body }) => body)).toEqual(
    Array.from({ length: 3 }, () => ({ permissions: { contents: 'read' }, repository_ids: [expect.any(Number)] }))
  )
  // Two by the worker; ours, which only shows what a token looks like, is left to expire.
  const revoked = requests.filter(({ method, url }) => method === 'DELETE' && url.endsWith('/installation/token'))
  expect(revoked.map(({ status }) => status)).toEqual([204, 204])
  expect(tokenShown).toMatch(TOKEN)
  expect(await dumpDatabase()).toContain(pull.headSha)
  expect(await dumpDatabase()).not.toMatch(TOKEN)
  expect(logged).toContain('access_tokens - 201')
  expect(logged).not.toMatch(TOKEN)
  expect(logged).not.toContain('a-worker-token-for-tests-only')
  expect(`${check.summary}${check.text}`).not.toMatch(TOKEN)
})
