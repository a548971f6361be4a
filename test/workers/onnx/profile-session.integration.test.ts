import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { attentionModel } from '#test/fixtures/onnx/attention-model.ts'
import { cnnModel } from '#test/fixtures/onnx/cnn-model.ts'
import { floatTensor, profileModel } from '#test/fixtures/onnx/profile-model.ts'
import { steadyModel } from '#test/fixtures/onnx/steady-model.ts'
import { perceptronModel } from '#test/fixtures/onnx/write-model.ts'
import { profileSession } from '#workers/onnx/profile-session.ts'
import { node, tensorValue, writeModel } from '#workers/onnx/write-model.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailgate-profile-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('every operator of a real model is timed, and its parts do not exceed the whole', async () => {
  const profile = await profileModel(attentionModel(), { x: floatTensor([1, 64, 32]) })

  const types = profile.operators.listed.map(({ type }) => type)
  expect(types).toContain('Softmax')
  expect(types.some((type) => /MatMul/.test(type))).toBe(true)
  const totalNs = profile.operators.listed.reduce((sum, { timeNs }) => sum + timeNs, 0)
  expect(totalNs).toBeGreaterThan(0)
  expect(totalNs).toBeLessThanOrEqual(profile.modelRunNs * 1.1)
  expect(profile.requests).toBe(18)
})

test('the whole call takes longer than the part in ONNX Runtime', async () => {
  const profile = await profileModel(cnnModel(), { image: floatTensor([1, 3, 32, 32]) })

  expect(profile.wallNs).toBeGreaterThan(profile.modelRunNs)
})

test('everything of a session on the processor is placed there', async () => {
  const profile = await profileModel(perceptronModel({ rows: 1, width: 16, layers: 3 }), { x: floatTensor([1, 1, 16]) })

  const placed = profile.operators.listed.map(({ type, provider, nodes }) => [type, provider, nodes])
  expect(placed.toSorted()).toEqual([
    ['MatMul', 'CPUExecutionProvider', 3],
    ['Relu', 'CPUExecutionProvider', 3]
  ])
  expect(profile.load.sessionInitializationNs).toBeGreaterThan(0)
  expect(profile.load.modelLoadingNs).toBeGreaterThan(0)
})

test('a loop’s body is counted as often as it runs', async () => {
  const profile = await profileModel(steadyModel({ trips: 25 }), { x: floatTensor([1]) })

  const calls = profile.operators.listed.map(({ type, callsPerRequest }) => [type, callsPerRequest])
  expect(calls.toSorted()).toEqual([
    ['Identity', 25],
    ['Loop', 1],
    ['Sin', 25]
  ])
})

test('a node name that breaks ONNX Runtime’s own JSON is read', async () => {
  const name = 'quo"te\\ two\nlines {"cat" : "x'
  const model = writeModel({
    nodes: [node({ type: 'Sin', inputs: ['x'], outputs: ['y'], name })],
    inputs: [tensorValue('x', 'float32', [1])],
    outputs: [tensorValue('y', 'float32', [1])]
  })

  const profile = await profileModel(model, { x: floatTensor([1]) })

  expect(profile.operators.slowest).toMatchObject([{ node: name, type: 'Sin' }])
  expect(profile.damagedEvents).toBe(0)
})

test('nothing is left behind, also where a request fails', async () => {
  const profiled = profileSession({
    createSession: (options) => InferenceSession.create(steadyModel({ trips: 1 }), { ...options, logSeverityLevel: 4 }),
    feedsOf: () => ({ x: floatTensor([2, 2, 2]) }),
    requests: 3,
    timeMs: 1000,
    temporaryFolder: folder
  })

  await expect(profiled).rejects.toThrow()
  expect(readdirSync(folder)).toEqual([])
})
