import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createLfsServer } from '#test/fakes/lfs/create-lfs-server.ts'
import { findGitLfs } from '#test/fakes/lfs/find-git-lfs.ts'
import { createSourceFetcher } from '#workers/source/create-source-fetcher.ts'
import { createGitRepository } from './git-repository.ts'
import { type LocalServer, serveGit, startServer } from './git-server.ts'

const TOKEN = 'ghs_1234567_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl'
const AUTHORIZATION = `basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`
const WORKER_TOKEN = 'a-worker-token-for-tests-only'

const missing = findGitLfs()
const skipNote = missing === null ? '' : ` (skipped: ${missing})`

let workDirectory: string
let sha: string
const servers: LocalServer[] = []

beforeAll(() => {
  workDirectory = mkdtempSync(join(tmpdir(), 'tailgate-source-'))
  sha = createGitRepository(join(workDirectory, 'repositories', 'plain')).commitFiles({ 'vad.onnx': 'model' })
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => rmSync(workDirectory, { recursive: true, force: true }))

interface Routes {
  readonly git: RequestListener
  readonly revoke: RequestListener
}

/** One server that is the bot, GitHub's API and GitHub's git at once. */
async function serve({ git, revoke }: Routes): Promise<LocalServer> {
  const server: LocalServer = await startServer((request, response) => {
    if (request.method === 'DELETE') return revoke(request, response)
    if (request.url !== '/worker/source-token') return git(request, response)
    const cloneUrl = `${server.url}/plain`
    response.end(JSON.stringify({ token: TOKEN, expiresAt: 'soon', apiUrl: `${server.url}/api`, cloneUrl }))
  })
  servers.push(server)
  return server
}

function freshDirectory(): string {
  return mkdtempSync(join(workDirectory, 'checkout-'))
}

/** As it stands in the queue, where whoever can write to the queue may have put an address of his own. */
function jobFrom(cloneUrl: string) {
  return { jobId: 'run-7', repository: { fullName: 'acme/voice', cloneUrl } }
}

test("fetches from the address that came with the token, never from the job's", async () => {
  const trap = await serve({ git: (_request, response) => response.end(), revoke: () => {} })
  const server = await serve({
    git: serveGit(join(workDirectory, 'repositories'), AUTHORIZATION),
    revoke: (_request, response) => response.writeHead(204).end()
  })
  const source = createSourceFetcher({ botUrl: server.url, workerToken: WORKER_TOKEN })
  const directory = freshDirectory()

  await source.fetchCommit(jobFrom(`${trap.url}/plain`), sha, directory, new AbortController().signal)
  await source.settle()

  expect(readdirSync(directory)).toEqual(['vad.onnx'])
  expect(trap.requests).toEqual([])
  expect(server.requests.at(-1)).toEqual({ url: '/api/installation/token', authorization: `Bearer ${TOKEN}` })
})

test('a cancelled fetch ends at once although GitHub never answers, and the token is still revoked', async () => {
  const events: string[] = []
  const cancel = new AbortController()
  const server = await serve({
    git: () => cancel.abort(),
    revoke: (request) => {
      events.push('revocation asked')
      request.socket.once('close', () => events.push('revocation given up'))
    }
  })
  const source = createSourceFetcher({ botUrl: server.url, workerToken: WORKER_TOKEN })

  const fetched = source.fetchCommit(jobFrom('file:///nowhere'), sha, freshDirectory(), cancel.signal)
  await expect(fetched).rejects.toMatchObject({ code: 'cancelled' })
  events.push('fetch ended')
  await source.settle()

  await expect.poll(() => events).toContain('revocation given up')
  expect(events.indexOf('fetch ended')).toBeLessThan(events.indexOf('revocation given up'))
  expect(events).toContain('revocation asked')
})

test.skipIf(missing !== null)(
  `fetches the LFS objects that are needed, also those found out later${skipNote}`,
  async () => {
    const lfs = createLfsServer(AUTHORIZATION)
    const pointers = {
      'model.onnx': lfs.store(Buffer.from('a model')).pointer,
      'weights.bin': lfs.store(Buffer.from('its weights')).pointer,
      'lost.bin': lfs.store(Buffer.from('lost')).pointer,
      'other.bin': lfs.store(Buffer.from('other')).pointer
    }
    lfs.misbehave(pointers['lost.bin'].slice(54, 118), { kind: 'absent' })
    const lfsSha = createGitRepository(join(workDirectory, 'repositories', 'plain')).commitFiles(pointers)
    const git = serveGit(join(workDirectory, 'repositories'), AUTHORIZATION)
    const server = await serve({
      git: (request, response) => {
        if (!lfs.answer(request, response)) git(request, response)
      },
      revoke: (_request, response) => response.writeHead(204).end()
    })
    const source = createSourceFetcher({ botUrl: server.url, workerToken: WORKER_TOKEN })
    const directory = freshDirectory()
    const read = (name: string) => readFileSync(join(directory, name), 'utf8')
    const problems: unknown[] = []
    let modelWhenAsked = ''

    await source.fetchCommit(jobFrom('file:///nowhere'), lfsSha, directory, new AbortController().signal, {
      paths: ['model.onnx'],
      listMore: async () => {
        modelWhenAsked = read('model.onnx')
        return ['weights.bin', 'lost.bin']
      },
      reportProblems: (found) => problems.push(...found)
    })
    await source.settle()

    expect(modelWhenAsked).toBe('a model')
    expect(read('weights.bin')).toBe('its weights')
    expect(read('other.bin')).toBe(pointers['other.bin'])
    expect(problems).toEqual([expect.objectContaining({ path: 'lost.bin' })])
    expect(server.requests.at(-1)?.url).toBe('/api/installation/token')
  }
)
