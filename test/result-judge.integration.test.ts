import { once } from 'node:events'
import { createServer } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { encodeResult } from '#queue/result-codec.ts'
import { type ClosableJudge, createResultJudge, type ResultJudgeOptions } from '#src/result-judge.ts'
import { judgeResult } from '#src/run/judge-result.ts'
import { BASELINE_SHA, HEAD_SHA, samplePlan, sampleResult } from '#test/run/sample-run.ts'

const MISBEHAVING = new URL('fixtures/judging/misbehaving-judge.ts', import.meta.url).pathname
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined }

const expected = { baselineSha: BASELINE_SHA, candidateSha: HEAD_SHA, plan: samplePlan() }
const question = { jobId: 'run-r1', expected }

let judges: ClosableJudge[] = []

function createJudge(options: Partial<ResultJudgeOptions> = {}): ClosableJudge {
  const judge = createResultJudge({ log: QUIET, ...options })
  judges.push(judge)
  return judge
}

/** Collects the ids of processes as they start. */
function watchStarts() {
  const { promise: first, resolve } = Promise.withResolvers<number>()
  return { first, started: resolve }
}

async function ask(how: string, options: Partial<ResultJudgeOptions> = {}) {
  return createJudge({ program: MISBEHAVING, ...options }).judge({ ...question, jobId: how }, 'AAAA')
}

afterEach(async () => {
  for (const judge of judges) await judge.close()
  judges = []
})

describe('a result', () => {
  test('comes to the same outcome as in this process, and its measurements are kept as they came', async () => {
    const result = sampleResult(1.2)

    const judged = await createJudge().judge(question, await encodeResult(result))

    expect(judged.outcome).toEqual(JSON.parse(JSON.stringify(judgeResult(expected, result))))
    expect(JSON.parse(gunzipSync(judged.measurements ?? '').toString())).toEqual(result)
  })

  test.each([
    ['nothing', null, 'it is not a string'],
    ['no gzip', 'aGVsbG8=', 'it cannot be unpacked (incorrect header check)'],
    ['too much', gzipSync('['.repeat(5_000_000)).toString('base64'), 'more than 4 million lists and objects'],
    ['no result', gzipSync('{}').toString('base64'), 'schemaVersion']
  ])('that is %s fails the run and is not kept', async (_name, encoded, message) => {
    const judged = await createJudge().judge(question, encoded)

    expect(judged).toMatchObject({
      outcome: { kind: 'failed', failure: { code: 'worker_error', message: expect.stringContaining(message) } },
      measurements: null
    })
  })

  test('of names beyond ASCII is told apart by them', async () => {
    const strange = 'run-ü-😀'
    const result = { ...sampleResult(1), jobId: strange }

    const judged = await createJudge().judge({ ...question, jobId: strange }, await encodeResult(result))

    expect(judged.outcome.kind).toBe('judged')
  })
})

describe('while a result is judged', () => {
  test('this process answers requests', async () => {
    const { first, started } = watchStarts()
    const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const judging = createJudge({ started }).judge(question, await encodeResult(sampleResult(1)))

    // Stopped, it stays busy for as long as we like.
    const pid = await first
    process.kill(pid, 'SIGSTOP')
    const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(`http://127.0.0.1:${port}`)).text()))
    process.kill(pid, 'SIGCONT')

    expect(answers).toEqual(['ok', 'ok', 'ok'])
    expect((await judging).outcome.kind).toBe('judged')
    server.close()
  })

  test('the next one waits, and both are judged', async () => {
    let running = 0
    const judge = createJudge({ started: () => (running += 1) })
    const encoded = await encodeResult(sampleResult(1))

    const first = judge.judge(question, encoded).then(() => running)
    const second = judge.judge(question, encoded)

    expect(await first).toBe(1)
    expect((await second).outcome.kind).toBe('judged')
  })

  test('more than may wait is turned away', async () => {
    const encoded = await encodeResult(sampleResult(1))
    const judge = createJudge({ limits: { waitingCharacters: 2 * encoded.length } })

    const judged = await Promise.allSettled([1, 2, 3].map(() => judge.judge(question, encoded)))

    expect(judged.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(judged[2]).toMatchObject({ reason: { code: 'busy' } })
    expect((await judge.judge(question, encoded)).outcome.kind).toBe('judged')
  })

  test('stopping kills it, and the result is left for the next start', async () => {
    const { first, started } = watchStarts()
    const judge = createJudge({ program: MISBEHAVING, started })
    const judging = judge.judge({ ...question, jobId: 'hang' }, 'AAAA')
    const waiting = judge.judge({ ...question, jobId: 'hang' }, 'AAAA')
    const pid = await first

    await Promise.all([
      judge.close(),
      expect(judging).rejects.toMatchObject({ code: 'closed' }),
      expect(waiting).rejects.toMatchObject({ code: 'closed' })
    ])

    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

describe('a judging process that', () => {
  test.each([
    ['hang', 'timed_out', 'took longer than 1 s', 'Measure fewer cases'],
    ['fill-memory', 'out_of_memory', 'needed more than the 32 MiB', 'Measure fewer cases'],
    ['abort', 'out_of_memory', 'needed more than', 'Measure fewer cases'],
    ['kill', 'out_of_memory', 'was killed', 'out of memory: give it more'],
    ['throw', 'worker_error', 'This is a mistake in Tailgate', 'Report it with the bot’s log.']
  ])(
    'does %s leaves an outcome that says so, and the bot alive',
    async (how, code, message, hint) => {
      const judged = await ask(how, { limits: { timeoutMs: 1000, heapMb: 32 } })

      expect(judged).toMatchObject({
        outcome: {
          kind: 'failed',
          failure: { code, message: expect.stringContaining(message), hint: expect.stringContaining(hint) }
        },
        measurements: null
      })
    },
    60_000
  )

  test('could leak secrets has none', async () => {
    process.env.TEST_SECRET = 'secret'

    const { outcome } = await ask('show-environment')

    delete process.env.TEST_SECRET
    expect(outcome).toMatchObject({ failure: { message: '{"environment":[]}' } })
  })
})
