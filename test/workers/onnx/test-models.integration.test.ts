import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ELEMENT_TYPES, type ElementType } from '#contracts/inputs.ts'
import { attentionModel } from '#test/fixtures/onnx/attention-model.ts'
import { danglingModel, unknownOperatorModel, wrongShapesModel } from '#test/fixtures/onnx/broken-models.ts'
import { cnnModel } from '#test/fixtures/onnx/cnn-model.ts'
import { dynamicModel } from '#test/fixtures/onnx/dynamic-model.ts'
import { externalModel } from '#test/fixtures/onnx/external-model.ts'
import { perceptronVariant } from '#test/fixtures/onnx/perceptron-variants.ts'
import { steadyModel } from '#test/fixtures/onnx/steady-model.ts'
import { identityModel, perceptronModel, truncatedModel } from '#test/fixtures/onnx/write-model.ts'

const QUIET: InferenceSession.SessionOptions = { logSeverityLevel: 4 }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailgate-models-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function floats(tensor: Tensor | undefined): number[] {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('The output is no float32 tensor.')
  return [...tensor.data]
}

function waves(dims: readonly number[]): Tensor {
  const size = dims.reduce((product, dim) => product * dim, 1)
  return new Tensor(
    'float32',
    Float32Array.from({ length: size }, (_, index) => Math.sin(index)),
    dims
  )
}

describe('sound models run', () => {
  test('the perceptron', async () => {
    const session = await InferenceSession.create(perceptronModel({ rows: 2, width: 16, layers: 2 }), QUIET)
    const { y } = await session.run({ x: waves([3, 2, 16]) })

    expect(y?.dims).toEqual([3, 2, 16])
    expect(Math.max(...floats(y))).toBeGreaterThan(0.1)
  })

  test.each([
    [1, 32, 24],
    [2, 17, 40]
  ])('the image classifier, %i images of %i × %i', async (batch, height, width) => {
    const session = await InferenceSession.create(cnnModel(), QUIET)
    const { scores } = await session.run({ image: waves([batch, 3, height, width]) })

    expect(scores?.dims).toEqual([batch, 10])
    const sum = floats(scores).reduce((total, score) => total + score, 0)
    expect(sum).toBeCloseTo(batch, 4)
  })

  test('the attention block', async () => {
    const session = await InferenceSession.create(attentionModel(), QUIET)
    const { y } = await session.run({ x: waves([1, 7, 32]) })

    expect(y?.dims).toEqual([1, 7, 32])
    expect(floats(y).every(Number.isFinite)).toBe(true)
  })

  // onnxruntime-node reads a Float16Array as empty; how halves are fed is tested with the side process.
  test.each(ELEMENT_TYPES.filter((type) => type !== 'float16'))('the identity of %s', async (type) => {
    const session = await InferenceSession.create(identityModel(type, [2]), QUIET)

    const values = tensorOf(type)
    const { y } = await session.run({ x: values })

    expect(y?.type).toBe(type)
    expect([...(y?.data ?? [])].map(String)).toEqual([...values.data].map(String))
  })

  test('the identity of float16 loads', async () => {
    const session = await InferenceSession.create(identityModel('float16', [2]), QUIET)

    expect(session.inputMetadata).toMatchObject([{ name: 'x', type: 'float16' }])
  })

  test('a model with its weights beside it', async () => {
    const { model, data } = externalModel()
    writeFileSync(join(folder, 'model.onnx'), model)
    writeFileSync(join(folder, 'weights.bin'), data)

    const session = await InferenceSession.create(join(folder, 'model.onnx'), QUIET)
    const { y } = await session.run({ x: waves([1, 32]) })

    expect(Math.max(...floats(y).map(Math.abs))).toBeGreaterThan(0.1)
  })

  test('a model whose weights are not there is refused', async () => {
    writeFileSync(join(folder, 'model.onnx'), externalModel().model)

    await expect(InferenceSession.create(join(folder, 'model.onnx'), QUIET)).rejects.toThrow('weights.bin')
  })

  test('operators of dynamic shape, a loop and a branch', async () => {
    const session = await InferenceSession.create(dynamicModel(), QUIET)
    const x = new Tensor('float32', Float32Array.of(3, -1, 0, 5, 4), [5])
    const { positive, sorted, doubled } = await session.run({ x })

    expect(floats(positive)).toEqual([3, 5, 4])
    expect(floats(sorted)).toEqual([5, 4, 3])
    expect(floats(doubled)).toEqual([6, -2, 0, 10, 8])
    const below = await session.run({ x: new Tensor('float32', Float32Array.of(-1), [1]) })
    expect(floats(below.positive)).toEqual([])
    expect(floats(below.doubled)).toEqual([0])
  })

  test('the loop of constant time', async () => {
    const session = await InferenceSession.create(steadyModel({ trips: 2 }), QUIET)
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1), [1]) })

    expect(floats(y)[0]).toBeCloseTo(Math.sin(Math.sin(1)), 5)
  })

  test('the variants of a perceptron answer nearly alike', async () => {
    const x = waves([16, 128])
    const run = async (model: Uint8Array) => floats((await (await InferenceSession.create(model, QUIET)).run({ x })).y)
    const plain = await run(perceptronVariant())
    const half = await run(perceptronVariant({ weights: 'float16' }))
    const rounded = await run(perceptronVariant({ weights: 'int8' }))

    const difference = (others: readonly number[]) =>
      Math.max(...plain.map((value, index) => Math.abs(value - (others[index] ?? Number.NaN))))
    expect(difference(half)).toBeLessThan(0.01)
    expect(difference(rounded)).toBeLessThan(1)
    expect(difference(rounded)).toBeGreaterThan(0)
  })
})

function tensorOf(type: Exclude<ElementType, 'float16'>): Tensor {
  switch (type) {
    case 'string':
      return new Tensor('string', ['one', 'two'], [2])
    case 'bool':
      return new Tensor('bool', Uint8Array.of(1, 0), [2])
    case 'int64':
      return new Tensor('int64', BigInt64Array.of(-1n, 2n), [2])
    case 'uint64':
      return new Tensor('uint64', BigUint64Array.of(1n, 2n), [2])
    case 'uint8':
      return new Tensor('uint8', Uint8Array.of(1, 2), [2])
    default:
      return new Tensor(type, [1, 2], [2])
  }
}

describe('broken models are refused', () => {
  test.each([
    ['cut off', truncatedModel(), /[Pp]rotobuf/],
    ['wrong shapes', wrongShapesModel(), /dimension/],
    ['an unknown operator', unknownOperatorModel(), /Frobnicate/],
    ['an input from nowhere', danglingModel(), /nowhere/]
  ])('%s', async (_what, model, problem) => {
    await expect(InferenceSession.create(model, QUIET)).rejects.toThrow(problem)
  })
})
