import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#src/history/embedded-postgres.ts'
import { type History, openHistory } from '#src/history/open-history.ts'
import { createRequestIntake, RequestIntakeError } from '#src/history/request-intake.ts'
import { createRunStore } from '#src/history/run-store.ts'
import type { RunRequest } from '#src/run/run-request.ts'

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }
const REPOSITORY = { installationId: 1, id: 9_007_199_254_740_991, owner: 'octo', name: 'models' }

let folder = ''
let postgres: EmbeddedPostgres
let history: History

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tailgate-intake-'))
  postgres = await startEmbeddedPostgres({ dataDirectory: folder, log: SILENT })
  history = await openHistory(postgres.connection)
})

afterAll(async () => {
  await history.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  await history.pool.query('truncate request')
})

function push(deliveryId: string, pullRequest = 1): RunRequest {
  return { kind: 'pull_request', deliveryId, repository: REPOSITORY, pullRequest }
}

async function readStored(): Promise<readonly RunRequest[]> {
  return createRunStore(history.db).pendingRequests(REPOSITORY.id)
}

describe('createRequestIntake', () => {
  test('a burst is stored whole, as it came and in its order', async () => {
    const intake = createRequestIntake(history.db)
    const burst = Array.from({ length: 500 }, (_, index) => push(`delivery ${index}`, index + 1))

    const outcomes = await Promise.all(burst.map((request) => intake.store(request)))

    expect(new Set(outcomes)).toEqual(new Set(['stored']))
    expect(await readStored()).toEqual(burst)
  })

  test('of equal deliveries in one batch one is stored; a later one is a duplicate', async () => {
    const intake = createRequestIntake(history.db)

    const together = await Promise.all([push('x'), push('a'), push('a'), push('a')].map((item) => intake.store(item)))
    const later = await intake.store(push('a'))

    expect([...together].sort()).toEqual(['duplicate', 'duplicate', 'stored', 'stored'])
    expect(later).toBe('duplicate')
    expect(await readStored()).toHaveLength(2)
  })

  test('quotes, NUL characters and lone surrogates in text that others wrote do no harm', async () => {
    const intake = createRequestIntake(history.db)
    const word = `'; drop table request; -- "\\ \0 \ud800`
    const command = { kind: 'invalid', word, suggestion: null } as const

    const hostile = { deliveryId: 'hostile', repository: REPOSITORY, pullRequest: 1, commentId: 1, author: 'mallory' }
    await intake.store({ ...hostile, kind: 'command', command })

    const [stored] = await readStored()
    expect(stored).toMatchObject({ command: { word: `'; drop table request; -- "\\ \ufffd \ufffd` } })
  })

  test('the repository stands in its own column, however large its number', async () => {
    await createRequestIntake(history.db).store(push('a'))

    const { rows } = await history.pool.query('select repository_id from request')
    expect(rows).toEqual([{ repository_id: String(REPOSITORY.id) }])
  })

  test('a database that does not answer in time rejects, and the next request is taken again', async () => {
    const intake = createRequestIntake(history.db, 200)
    const blocker = await history.pool.connect()
    await blocker.query('begin; lock table request in access exclusive mode')

    const [first, second] = await Promise.allSettled([intake.store(push('first')), intake.store(push('second'))])
    await blocker.query('rollback')
    blocker.release()

    expect(first).toMatchObject({ status: 'rejected', reason: expect.any(RequestIntakeError) })
    expect(second).toMatchObject({ status: 'rejected', reason: expect.any(RequestIntakeError) })
    await expect.poll(() => intake.store(push('third')).catch(() => 'not yet')).toMatch(/stored|duplicate/)
  })
})
