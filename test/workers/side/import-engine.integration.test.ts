import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importEngine } from '#workers/side/import-engine.ts'

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailgate-engine-'))
  await mkdir(join(directory, 'installed/node_modules'), { recursive: true })
  const own = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  await symlink(own, join(directory, 'installed/node_modules/onnxruntime-node'))
  await mkdir(join(directory, 'installed/inner'))
})

afterAll(() => rm(directory, { recursive: true, force: true }))

test("the worker's own engine makes tensors, half-precision ones too", () => {
  const { Tensor } = importEngine(null)

  expect(new Tensor('float16', Uint16Array.of(0x3c00), [1]).data).toEqual(Uint16Array.of(0x3c00))
})

test('an engine is taken from the folder given', () => {
  const { packagePath, Tensor } = importEngine(join(directory, 'installed'))

  expect(packagePath).toBe(join(directory, 'installed/node_modules/onnxruntime-node'))
  expect(new Tensor('float32', Float32Array.of(1), [1]).size).toBe(1)
})

test.each(['absent', 'installed/inner'])('a folder without one (%s) gives no other engine', (folder) => {
  expect(() => importEngine(join(directory, folder))).toThrow(/Cannot find module/)
})
