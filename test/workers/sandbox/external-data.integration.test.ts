import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { externalTensor, node, tensorValue, writeModel } from '#workers/onnx/write-model.ts'
import { probeBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { sideCommand } from '#workers/sandbox/side-command.ts'

const execute = promisify(execFile)
const PROGRAM = resolve('test/fixtures/sandbox/load-model.ts')
const VALUES = Buffer.from(new Float32Array([1, 2, 3, 4]).buffer)
const SECRET = Buffer.from(new Float32Array([5, 6, 7, 8]).buffer)

const probe = await probeBubblewrap()
const skipNote = probe.kind === 'usable' ? '' : ` (skipped: ${probe.reason})`

let workDirectory: string
let checkoutDirectory: string

beforeAll(async () => {
  workDirectory = await realpath(await mkdtemp(join(tmpdir(), 'tailgate-external-')))
  checkoutDirectory = join(workDirectory, 'checkout')
  await mkdir(join(checkoutDirectory, 'models'), { recursive: true })
  await writeFile(join(workDirectory, 'secret.bin'), SECRET)
  await writeFile(join(checkoutDirectory, 'models', 'w.bin'), VALUES)
  await writeFile(join(checkoutDirectory, 'beside.bin'), SECRET)
  await symlink(join(workDirectory, 'secret.bin'), join(checkoutDirectory, 'models', 'link.bin'))
})

afterAll(() => rm(workDirectory, { recursive: true, force: true }))

/** Loads `y = x + w` with `w` in that file, as a side process does. */
async function load(location: string, bubblewrap: string | null): Promise<unknown> {
  const modelFile = join(checkoutDirectory, 'models', 'a.onnx')
  const place = { location, offsetBytes: 0, lengthBytes: 16 }
  const model = writeModel({
    nodes: [node({ type: 'Add', inputs: ['x', 'w'], outputs: ['y'] })],
    inputs: [tensorValue('x', 'float32', [4])],
    outputs: [tensorValue('y', 'float32', [4])],
    initializers: [externalTensor('w', 'float32', [4], place)]
  })
  await writeFile(modelFile, model)
  const command = sideCommand({ nodePath: process.execPath, sideProgram: PROGRAM, checkoutDirectory, bubblewrap })
  const { stdout } = await execute(command.program, [...command.args, modelFile], { env: command.env })
  return JSON.parse(stdout)
}

function escapes(): readonly string[] {
  return ['../../secret.bin', '../beside.bin', join(workDirectory, 'secret.bin'), 'link.bin']
}

describe('onnxruntime-node, which finds external data by itself', () => {
  test('reads the file beside the model, and refuses every way out of its folder', async () => {
    expect(await load('w.bin', null)).toEqual({ output: [1, 2, 3, 4] })
    for (const location of escapes()) {
      expect(await load(location, null)).toEqual({ error: expect.stringContaining('External data path') })
    }
  })
})

describe.skipIf(probe.kind !== 'usable')(`in the sandbox${skipNote}`, () => {
  test('the file beside the model is there, and what is outside the checkout does not exist', async () => {
    const bubblewrap = probe.kind === 'usable' ? probe.path : null

    expect(await load('w.bin', bubblewrap)).toEqual({ output: [1, 2, 3, 4] })
    for (const location of escapes()) {
      expect(await load(location, bubblewrap)).toEqual({ error: expect.stringContaining('External data path') })
    }
    expect(await load('link.bin', bubblewrap)).toEqual({ error: expect.stringContaining('does not exist') })
  })
})
