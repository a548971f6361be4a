import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { requestSourceToken, revokeSourceToken, SourceTokenError } from '#workers/source/request-source-token.ts'
import { type LocalServer, startServer } from './git-server.ts'

const ANSWER = {
  token: 'ghs_abc.def',
  apiUrl: 'https://api.github.example',
  cloneUrl: 'https://github.example/acme/voice.git',
  expiresAt: '2026-01-01T01:00:00Z'
}
const WORKER_TOKEN = 'worker-token-1234567890'
const servers: LocalServer[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function serve(answer: RequestListener): Promise<LocalServer> {
  const server = await startServer(answer)
  servers.push(server)
  return server
}

function ask(botUrl: string, signal = new AbortController().signal) {
  return requestSourceToken({
    botUrl,
    workerToken: WORKER_TOKEN,
    jobId: 'run-7',
    signal,
    retryDelaysMs: [1, 1, 1],
    totalMs: 10_000
  })
}

async function failureOf(asked: Promise<unknown>): Promise<SourceTokenError> {
  try {
    await asked
  } catch (error) {
    if (error instanceof SourceTokenError) return error
    throw error
  }
  throw new Error('a token was given')
}

describe('requestSourceToken', () => {
  test('posts the job and takes the token, below the path of BOT_URL', async () => {
    const bodies: string[] = []
    const server = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()))
      request.on('end', () => response.end(JSON.stringify(ANSWER)))
    })

    const token = await ask(`${server.url}/tailgate`)

    const { expiresAt: _, ...given } = ANSWER
    expect(token).toEqual(given)
    expect(server.requests).toEqual([{ url: '/tailgate/worker/source-token', authorization: `Bearer ${WORKER_TOKEN}` }])
    expect(bodies).toEqual(['{"jobId":"run-7"}'])
  })

  test.each([
    [404, 'job_not_wanted', 'Drop the job'],
    [409, 'job_not_wanted', 'Drop the job'],
    [401, 'denied', 'WORKER_TOKEN'],
    [403, 'denied', 'WORKER_TOKEN'],
    [204, 'bad_answer', 'BOT_URL'],
    [302, 'bad_answer', 'BOT_URL']
  ])('asks once when the answer is %i, and says %s', async (status, code, advice) => {
    const server = await serve((_request, response) => response.writeHead(status, { location: '/elsewhere' }).end())

    const failure = await failureOf(ask(server.url))

    expect(failure.code).toBe(code)
    expect(failure.message).toContain(advice)
    expect(server.requests).toHaveLength(1)
  })

  test('tries again after a failing answer', async () => {
    const server: LocalServer = await serve((_request, response) => {
      if (server.requests.length < 3) response.writeHead(503).end()
      else response.end(JSON.stringify(ANSWER))
    })

    expect(await ask(server.url)).toMatchObject({ token: 'ghs_abc.def' })
    expect(server.requests).toHaveLength(3)
  })

  test('tries again after a broken connection, four times in all', async () => {
    const server = await serve((request) => request.socket.destroy())

    const failure = await failureOf(ask(server.url))

    expect(failure.code).toBe('unreachable')
    expect(failure.message).toContain(server.url)
    expect(failure.message).not.toContain(WORKER_TOKEN)
    expect(server.requests).toHaveLength(4)
  })

  test('gives up when the limit of all attempts is over', async () => {
    const server = await serve(() => {})

    const failure = await failureOf(
      requestSourceToken({
        botUrl: server.url,
        workerToken: WORKER_TOKEN,
        jobId: 'run-7',
        signal: new AbortController().signal,
        totalMs: 200
      })
    )

    expect(failure.code).toBe('unreachable')
    expect(failure.message).toContain('no answer within 0.2 s')
  })

  test('stops when it is cancelled', async () => {
    const controller = new AbortController()
    const server = await serve(() => controller.abort())

    expect((await failureOf(ask(server.url, controller.signal))).code).toBe('cancelled')
    expect(server.requests).toHaveLength(1)
  })

  test.each([
    ['no JSON', '<html>'],
    ['a token of two lines', JSON.stringify({ ...ANSWER, token: 'one\r\nx-injected: two' })],
    ['another kind of address', JSON.stringify({ ...ANSWER, apiUrl: 'file:///etc/passwd' })],
    ['a clone URL on its own disk', JSON.stringify({ ...ANSWER, cloneUrl: 'file:///srv/repository' })],
    ['no clone URL', JSON.stringify({ ...ANSWER, cloneUrl: undefined })],
    ['unknown keys', JSON.stringify({ ...ANSWER, more: 1 })],
    ['too much', JSON.stringify({ ...ANSWER, token: 'x'.repeat(100_000) })]
  ])('refuses an answer with %s, without quoting it', async (_what, body) => {
    const server = await serve((_request, response) => response.end(body))

    const failure = await failureOf(ask(server.url))

    expect(failure.code).toBe('bad_answer')
    expect(failure.message).not.toContain('x-injected')
    expect(failure.message).not.toContain('ghs_')
    expect(failure.message.length).toBeLessThan(500)
  })
})

describe('revokeSourceToken', () => {
  test('deletes the token at the API it came from', async () => {
    const methods: (string | undefined)[] = []
    const server = await serve((request, response) => {
      methods.push(request.method)
      response.writeHead(204).end()
    })

    expect(await revokeSourceToken({ apiUrl: `${server.url}/api/v3`, token: 'ghs_abc' })).toBe(true)
    expect(methods).toEqual(['DELETE'])
    expect(server.requests).toEqual([{ url: '/api/v3/installation/token', authorization: 'Bearer ghs_abc' }])
  })

  test('says so when it was not revoked, and never throws', async () => {
    const server = await serve((_request, response) => response.writeHead(401).end('{}'))

    expect(await revokeSourceToken({ apiUrl: server.url, token: 'ghs_abc' })).toBe(false)
    expect(await revokeSourceToken({ apiUrl: 'not a URL', token: 'ghs_abc' })).toBe(false)
  })
})
