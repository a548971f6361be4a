import { mkdtempSync, rmSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createLfsServer } from '#test/fakes/lfs/create-lfs-server.ts'
import { findGitLfs } from '#test/fakes/lfs/find-git-lfs.ts'
import { externalModel } from '#test/fixtures/onnx/external-model.ts'
import { createExternalDataLister } from '#workers/source/create-external-data-lister.ts'
import type { LfsProblem } from '#workers/source/fetch-lfs-objects.ts'
import { fetchSource } from '#workers/source/fetch-source.ts'
import { inspectModel } from '#workers/source/inspect-model.ts'
import { createGitRepository, type GitRepository } from './git-repository.ts'
import { type LocalServer, serveGit, startServer } from './git-server.ts'

const TOKEN = 'ghs_1234567'
const AUTHORIZATION = `basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`

const missing = findGitLfs()
const skipNote = missing === null ? '' : ` (skipped: ${missing})`

let workDirectory: string
let repository: GitRepository
const servers: LocalServer[] = []

beforeAll(async () => {
  workDirectory = await realpath(mkdtempSync(join(tmpdir(), 'tailgate-source-')))
  repository = createGitRepository(join(workDirectory, 'repositories', 'voice'))
})

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

afterAll(() => rmSync(workDirectory, { recursive: true, force: true }))

/** Fetches a commit whose model and external data both are pointers, and looks at the model. */
async function fetchAndInspect(lfs: ReturnType<typeof createLfsServer>, sha: string, lfsPath = 'git-lfs') {
  const git = serveGit(join(workDirectory, 'repositories'), AUTHORIZATION)
  const server = await startServer((request, response) => {
    if (!lfs.answer(request, response)) git(request, response)
  })
  servers.push(server)
  const directory = mkdtempSync(join(workDirectory, 'checkout-'))
  const lister = createExternalDataLister({ nodePath: process.execPath, bubblewrap: null })
  const { signal } = new AbortController()
  const modelPath = 'models/a.onnx'
  let lfsProblems: readonly LfsProblem[] = []
  await fetchSource({
    cloneUrl: `${server.url}/voice`,
    token: TOKEN,
    sha,
    directory,
    signal,
    timeoutMs: 60_000,
    lfs: { lfsPath },
    needs: {
      paths: [modelPath],
      listMore: () => lister.listPaths(directory, [modelPath], signal),
      reportProblems: (problems) => {
        lfsProblems = problems
      }
    }
  })
  const listExternalData = (modelFile: string) => lister.list(directory, modelFile, signal)
  const place = { side: 'candidate', checkoutDirectory: directory, modelPath, listExternalData, lfsProblems } as const
  return inspectModel(place, signal)
}

test.skipIf(missing !== null)(
  `a model and its external data, both in Git LFS, come so that they load${skipNote}`,
  async () => {
    const lfs = createLfsServer(AUTHORIZATION)
    const { model, data } = externalModel()
    const pointers = {
      'models/a.onnx': lfs.store(Buffer.from(model)).pointer,
      'models/weights.bin': lfs.store(Buffer.from(data)).pointer
    }
    const inspection = await fetchAndInspect(lfs, repository.commitFiles(pointers))

    expect(inspection).toMatchObject({
      kind: 'found',
      facts: { bytes: model.length, externalData: [{ path: 'models/weights.bin', bytes: data.length }] }
    })
    const file = inspection.kind === 'found' ? inspection.file : ''
    const session = await InferenceSession.create(file)
    const { y } = await session.run({ x: new Tensor('float32', new Float32Array(32), [1, 32]) })
    expect(y?.dims).toEqual([1, 32])
    await session.release()
  }
)

test.skipIf(missing !== null)(
  `external data whose object is lost fails with its path and the reason${skipNote}`,
  async () => {
    const lfs = createLfsServer(AUTHORIZATION)
    const { model, data } = externalModel({ seed: 2 })
    const lost = lfs.store(Buffer.from(data))
    lfs.misbehave(lost.oid, { kind: 'absent' })
    const pointers = { 'models/a.onnx': lfs.store(Buffer.from(model)).pointer, 'models/weights.bin': lost.pointer }

    expect(await fetchAndInspect(lfs, repository.commitFiles(pointers))).toMatchObject({
      failure: {
        code: 'model_is_lfs_pointer',
        message: expect.stringMatching(/`models\/weights\.bin`.*the LFS server does not have it/),
        hint: expect.stringContaining('git lfs push')
      }
    })
  }
)

test('a model in Git LFS on a worker without git-lfs fails with what to install', async () => {
  const lfs = createLfsServer(AUTHORIZATION)
  const sha = repository.commitFiles({ 'models/a.onnx': lfs.store(Buffer.from('a model')).pointer })

  expect(await fetchAndInspect(lfs, sha, '/nonexistent/git-lfs')).toMatchObject({
    failure: {
      code: 'model_is_lfs_pointer',
      message: expect.stringContaining('Git LFS is not installed on the worker'),
      hint: expect.stringContaining('apt-get install git-lfs')
    }
  })
})
