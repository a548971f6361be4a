import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFreePort } from '#src/cli/demo/find-free-port.ts'
import { probeBot, probeDatabase, probeDataDir, probeRedis } from '#src/cli/doctor/probe-services.ts'
import { createHttpServer, type Handler } from '#src/web/create-server.ts'
import { createHealthHandler } from '#src/web/health-handler.ts'
import { createSourceTokenHandler } from '#src/web/source-token-handler.ts'
import { toDatabaseUrl } from '#test/bot/bot-harness.ts'
import { createPostgresStore, createRedisStore, hasRedisServer } from '#test/queue/queue-stores.ts'

const TOKEN = 'w0rker-t0ken-of-the-tests'
const PASSWORD = 'hunter2-hunter2'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tailgate-doctor-probes-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The two handlers of the bot that the doctor talks to, as the bot puts them together. */
function botHandlers(databaseAnswers: boolean): Handler[] {
  return [
    createHealthHandler({
      pingDatabase: () => (databaseAnswers ? Promise.resolve() : Promise.reject(new Error('away')))
    }),
    createSourceTokenHandler({
      workerToken: TOKEN,
      apiUrl: '',
      findRunOfJob: async () => null,
      cloneUrl: () => '',
      mint: async () => ({ token: '', expiresAt: '' })
    })
  ]
}

async function withServer<Result>(
  handlers: readonly Handler[],
  work: (url: string) => Promise<Result>
): Promise<Result> {
  const server = createHttpServer({ handlers, failed: () => undefined })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  try {
    return await work(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('the bot', () => {
  test.each([
    ['with the same token', true, TOKEN, 'fit'],
    ['with another token', true, 'an0ther-t0ken-for-the-tests', 'token_refused'],
    ['without a token', true, null, 'no_token'],
    ['without its database', false, TOKEN, 'unhealthy']
  ])('%s', async (_what, databaseAnswers, token, kind) => {
    const probe = await withServer(botHandlers(databaseAnswers), (url) => probeBot(`${url}/`, token))

    expect(probe).toMatchObject({ kind, address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) })
  })

  test('is not taken for one by its address alone', async () => {
    expect(await withServer([], (url) => probeBot(url, TOKEN))).toMatchObject({ kind: 'not_the_bot', status: 404 })
  })

  test('that only answers for its health is behind a proxy', async () => {
    const [health] = botHandlers(true)
    if (health === undefined) throw new Error('There is no handler.')

    expect(await withServer([health], (url) => probeBot(url, TOKEN))).toMatchObject({ kind: 'not_the_bot' })
  })

  test('that is away is told without the password of its address', async () => {
    const probe = await probeBot(`http://user:${PASSWORD}@127.0.0.1:${await findFreePort()}`, TOKEN)

    expect(probe).toMatchObject({ kind: 'unreachable', address: expect.stringMatching(/^http:\/\/127/) })
    expect(JSON.stringify(probe)).not.toContain(PASSWORD)
  })
})

test('Postgres is asked for its version', async () => {
  const store = await createPostgresStore()
  const { connection } = store
  if (connection.kind !== 'postgres') throw new Error('This store is no Postgres.')

  const probe = await probeDatabase(toDatabaseUrl(connection.config))
  await store.remove()

  expect(probe).toMatchObject({ kind: 'answers', version: expect.stringMatching(/^\d+/) })
})

describe('an address with a mistake in it', () => {
  test.each([
    ['that libpq would take', `host=127.0.0.1 port=1 password=${PASSWORD}`],
    ['without its scheme', `user:${PASSWORD}@127.0.0.1/db`],
    ['with a password that is not escaped', `postgres://user:%zz${PASSWORD}@127.0.0.1:1/db`]
  ])('of Postgres, %s, is told without its password', async (_what, url) => {
    const probe = await probeDatabase(url)

    expect(probe).toMatchObject({ kind: 'unreachable' })
    expect(JSON.stringify(probe)).not.toContain(PASSWORD)
  })

  test('of Redis and of the bot is told without its password', async () => {
    const host = `user:%zz${PASSWORD}@127.0.0.1:${await findFreePort()}`

    const probes = await Promise.all([probeRedis(`redis://${host}`), probeBot(`http://${host}`, null)])

    expect(probes).toMatchObject([{ kind: 'unfit' }, { kind: 'unreachable' }])
    expect(JSON.stringify(probes)).not.toContain(PASSWORD)
  })
})

test.skipIf(!hasRedisServer())('Redis is asked for its version and memory policy (needs redis-server)', async () => {
  const store = await createRedisStore(PASSWORD)
  const { connection } = store
  if (connection.kind !== 'redis') throw new Error('This store is no Redis.')
  const wrongPassword = connection.url.replace(PASSWORD, 'wr0ng-passw0rd')

  const probes = await Promise.all([probeRedis(connection.url), probeRedis(wrongPassword)])
  await store.remove()

  expect(probes).toMatchObject([{ kind: 'fit' }, { kind: 'unfit' }])
  expect(JSON.stringify(probes)).not.toMatch(/hunter2|wr0ng/)
})

describe('the data folder', () => {
  test('is written to, and nothing is left in it', async () => {
    const path = await mkdtemp(join(folder, 'data-'))

    expect(await probeDataDir(path)).toEqual({ kind: 'writable', path, openPath: null })
    expect(await readdir(path)).toEqual([])
  })

  test('that others may write to is told', async () => {
    const path = await mkdtemp(join(folder, 'open-'))
    await chmod(path, 0o777)

    expect(await probeDataDir(path)).toMatchObject({ openPath: path })
  })

  test('with a folder of calibrations that others may write to is told', async () => {
    const path = await mkdtemp(join(folder, 'planted-'))
    await mkdir(join(path, 'calibrations'))
    await chmod(join(path, 'calibrations'), 0o777)

    expect(await probeDataDir(path)).toMatchObject({ openPath: join(path, 'calibrations') })
  })

  test('that is not there is not made', async () => {
    const path = join(folder, 'a', 'b')

    expect(await probeDataDir(path)).toEqual({ kind: 'absent', path })
    expect(await readdir(folder)).not.toContain('a')
  })

  test.each(['', '/below'])('cannot be a file%s', async (rest) => {
    const path = join(folder, 'file')
    await writeFile(path, '', { mode: 0o777 })

    expect(await probeDataDir(`${path}${rest}`)).toMatchObject({ kind: 'unusable', reason: 'ENOTDIR' })
  })
})
