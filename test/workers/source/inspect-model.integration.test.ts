import { createHash } from 'node:crypto'
import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writePointer } from '#test/fakes/lfs/create-lfs-server.ts'
import { externalTensor, graph, node, tensorValue, writeModel } from '#workers/onnx/write-model.ts'
import { probeBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { inspectModel, type ModelInspection, type ModelPlace } from '#workers/source/inspect-model.ts'
import { listExternalData } from '#workers/source/list-external-data.ts'

const VALUES = Buffer.from(new Float32Array([1, 2, 3, 4]).buffer)
const POINTER = writePointer('a'.repeat(64), 5)

const probe = await probeBubblewrap()
const skipNote = probe.kind === 'usable' ? '' : ` (skipped: ${probe.reason})`

let workDirectory: string

beforeAll(async () => {
  workDirectory = await realpath(await mkdtemp(join(tmpdir(), 'tailgate-inspect-')))
})

afterAll(() => rm(workDirectory, { recursive: true, force: true }))

/** `y = x + w`, with `w` in the file. */
function modelWith(location: string): Uint8Array {
  return writeModel({
    nodes: [node({ type: 'Add', inputs: ['x', 'w'], outputs: ['y'] })],
    inputs: [tensorValue('x', 'float32', [4])],
    outputs: [tensorValue('y', 'float32', [4])],
    initializers: [externalTensor('w', 'float32', [4], { location, offsetBytes: 0, lengthBytes: 16 })]
  })
}

/** The same in a branch of an `If`, where only a parser that goes into graphs of attributes finds it. */
function branchModelWith(location: string): Uint8Array {
  const branch = (name: string) =>
    graph({
      name,
      nodes: [node({ type: 'Identity', inputs: ['w'], outputs: [`${name}_out`] })],
      inputs: [],
      outputs: [tensorValue(`${name}_out`, 'float32', [4])],
      initializers: [externalTensor('w', 'float32', [4], { location, offsetBytes: 0, lengthBytes: 16 })]
    })
  const attributes = { then_branch: { graph: branch('then') }, else_branch: { graph: branch('else') } }
  return writeModel({
    nodes: [node({ type: 'If', inputs: ['c'], outputs: ['y'], attributes })],
    inputs: [tensorValue('c', 'bool', [])],
    outputs: [tensorValue('y', 'float32', [4])]
  })
}

async function checkOut(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const directory = await mkdtemp(join(workDirectory, 'checkout-'))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), content)
  }
  return directory
}

function inspect(checkoutDirectory: string, place: Partial<ModelPlace> = {}): Promise<ModelInspection> {
  const side = { nodePath: process.execPath, bubblewrap: null, checkoutDirectory }
  return inspectModel(
    {
      side: 'candidate',
      checkoutDirectory,
      modelPath: 'models/a.onnx',
      listExternalData: (modelFile, signal) => listExternalData({ ...side, modelFile, signal }),
      ...place
    },
    new AbortController().signal
  )
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('external data', () => {
  test.each([
    ['an initialiser', modelWith('./weights/w 1.bin')],
    ['a branch', branchModelWith('./weights/w 1.bin')]
  ])('of %s belongs to the facts', async (_where, model) => {
    const directory = await checkOut({ 'models/a.onnx': model, 'models/weights/w 1.bin': VALUES })

    expect(await inspect(directory)).toEqual({
      kind: 'found',
      file: join(directory, 'models/a.onnx'),
      facts: {
        sha256: sha256(model),
        bytes: model.length,
        externalData: [{ path: 'models/weights/w 1.bin', sha256: sha256(VALUES), bytes: 16 }]
      }
    })
  })

  test('is not looked for in a model that cannot have any', async () => {
    const directory = await checkOut({ 'models/a.onnx': Buffer.alloc(100) })
    const fail = async () => ({ kind: 'failed', reason: 'it was asked' }) as const

    expect(await inspect(directory, { listExternalData: fail })).toMatchObject({ facts: { externalData: [] } })
  })

  test('of a file that is no model is none: the engine says what is wrong', async () => {
    const directory = await checkOut({ 'models/a.onnx': Buffer.from('\0location\xff') })

    expect(await inspect(directory)).toMatchObject({ kind: 'found', facts: { externalData: [] } })
  })

  test.each(['/etc/hostname', '../outside.bin', 'sub/../../outside.bin', '..\\outside.bin', 'a\nb`](x)'])(
    'at %j is refused',
    async (location) => {
      const directory = await checkOut({ 'models/a.onnx': modelWith(location), 'outside.bin': VALUES })

      const inspection = await inspect(directory)

      expect(inspection).toMatchObject({ failure: { code: 'model_unreadable', side: 'candidate' } })
      expect(JSON.stringify(inspection)).toContain("not in the model's own folder")
      expect(inspection.kind === 'failed' ? inspection.failure.message : '').not.toContain('\n')
    }
  )

  test('behind a link out of the repository is refused', async () => {
    const directory = await checkOut({ 'models/a.onnx': modelWith('w.bin') })
    const outside = join(workDirectory, 'outside.bin')
    await writeFile(outside, VALUES)
    await symlink(outside, join(directory, 'models/w.bin'))

    expect(await inspect(directory)).toMatchObject({
      failure: { code: 'model_unreadable', message: expect.stringContaining('a link out of the repository') }
    })
  })

  test('that is missing, a folder or a pointer fails with its path', async () => {
    const missing = await checkOut({ 'models/a.onnx': modelWith('w.bin') })
    const folder = await checkOut({ 'models/a.onnx': modelWith('w.bin'), 'models/w.bin/x': '' })
    const pointer = await checkOut({ 'models/a.onnx': modelWith('w.bin'), 'models/w.bin': POINTER })
    const problem = { path: 'models/w.bin', reason: 'the LFS server does not have it', hint: 'Push it.' }

    expect(await inspect(missing)).toMatchObject({
      failure: { code: 'model_unreadable', message: expect.stringMatching(/`models\/w\.bin`, which is not in/) }
    })
    expect(await inspect(folder)).toMatchObject({ failure: { code: 'model_unreadable' } })
    expect(await inspect(pointer, { lfsProblems: [problem] })).toMatchObject({
      failure: {
        code: 'model_is_lfs_pointer',
        message: expect.stringMatching(/`models\/w\.bin`, which `models\/a\.onnx` needs,.*does not have it/),
        hint: 'Push it.'
      }
    })
  })

  test('that changes changes the facts', async () => {
    const before = await inspect(await checkOut({ 'models/a.onnx': modelWith('w.bin'), 'models/w.bin': VALUES }))
    const after = await inspect(await checkOut({ 'models/a.onnx': modelWith('w.bin'), 'models/w.bin': 'other' }))

    expect(before).toMatchObject({ kind: 'found' })
    expect(after).toMatchObject({ kind: 'found' })
    expect(before).not.toEqual(after)
  })
})

describe('a Git LFS pointer', () => {
  test('fails with the reason why it is still one', async () => {
    const directory = await checkOut({ 'models/a.onnx': POINTER })
    const problem = {
      path: 'models/a.onnx',
      reason: 'Git LFS is not installed on the worker',
      hint: 'Install git-lfs.'
    }

    expect(await inspect(directory, { lfsProblems: [problem] })).toEqual({
      kind: 'failed',
      failure: {
        code: 'model_is_lfs_pointer',
        side: 'candidate',
        message:
          '`models/a.onnx` in the candidate commit is a Git LFS pointer: Git LFS is not installed on the worker.',
        hint: 'Install git-lfs.'
      }
    })
  })
})

describe('listExternalData', () => {
  test('gives up a process that takes too long', async () => {
    const checkoutDirectory = await checkOut({ 'models/a.onnx': modelWith('w.bin') })
    const modelFile = join(checkoutDirectory, 'models/a.onnx')
    const side = { nodePath: process.execPath, bubblewrap: null, checkoutDirectory, modelFile }
    const signal = new AbortController().signal

    expect(await listExternalData({ ...side, signal, timeoutMs: 1 })).toMatchObject({ kind: 'failed' })
    await expect(listExternalData({ ...side, signal: AbortSignal.abort('stop') })).rejects.toBe('stop')
  })

  test.skipIf(probe.kind !== 'usable')(`sees the one checkout and nothing beside it${skipNote}`, async () => {
    const checkoutDirectory = await checkOut({ 'models/a.onnx': modelWith('w.bin') })
    const other = await checkOut({ 'models/a.onnx': modelWith('secret.bin') })
    const bubblewrap = probe.kind === 'usable' ? probe.path : null
    const side = { nodePath: process.execPath, bubblewrap, checkoutDirectory, signal: new AbortController().signal }

    const own = await listExternalData({ ...side, modelFile: join(checkoutDirectory, 'models/a.onnx') })
    const foreign = await listExternalData({ ...side, modelFile: join(other, 'models/a.onnx') })

    expect(own).toEqual({ kind: 'listed', locations: ['w.bin'] })
    expect(foreign).toEqual({ kind: 'failed', reason: expect.stringContaining('exit code') })
  })
})

test('a hard link inside the checkout is a file like any other', async () => {
  const directory = await checkOut({ 'models/a.onnx': modelWith('w.bin'), 'w.bin': VALUES })
  await link(join(directory, 'w.bin'), join(directory, 'models/w.bin'))

  expect(await inspect(directory)).toMatchObject({ facts: { externalData: [{ path: 'models/w.bin', bytes: 16 }] } })
})
