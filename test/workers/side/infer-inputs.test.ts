import { describe, expect, test } from 'vitest'
import { INFERRED_INPUTS, type InputSpec } from '#contracts/inputs.ts'
import { findBatchDimension, inferInputs, MAX_INPUT_ELEMENTS, type ModelInput } from '#workers/side/infer-inputs.ts'

const NOTHING_SET: InputSpec = INFERRED_INPUTS

function tensor(name: string, type: string, shape: readonly (number | string)[]): ModelInput {
  return { name, isTensor: true, type, shape }
}

const SILERO_V5 = [
  tensor('input', 'float32', ['', '']),
  tensor('state', 'float32', [2, '', 128]),
  tensor('sr', 'int64', [])
]
const SILERO_LEGACY = [
  tensor('input', 'float32', ['batch', 'sequence']),
  tensor('sr', 'int64', []),
  tensor('h', 'float32', [2, 'batch', 64])
]

function shapesOf(inputs: readonly ModelInput[], spec: InputSpec, batchSize: number): unknown {
  const plan = inferInputs(inputs, spec, batchSize)
  return plan.ok ? Object.fromEntries(plan.inputs.map((input) => [input.name, input.shape])) : plan.message
}

describe('inferInputs', () => {
  test('a dynamic dimension is 1 unless its name is given a size', () => {
    expect(shapesOf(SILERO_LEGACY, NOTHING_SET, 1)).toEqual({ input: [1, 1], sr: [], h: [2, 1, 64] })
    expect(shapesOf(SILERO_LEGACY, { ...NOTHING_SET, dims: { sequence: 1536 } }, 1)).toEqual({
      input: [1, 1536],
      sr: [],
      h: [2, 1, 64]
    })
  })

  test('an override replaces a whole shape and sets every value', () => {
    const spec = { ...NOTHING_SET, overrides: { input: { shape: [1, 512] }, sr: { value: 16_000 } } }

    expect(inferInputs(SILERO_V5, spec, 1)).toEqual({
      ok: true,
      inputs: [
        { name: 'input', type: 'float32', shape: [1, 512], value: null },
        { name: 'state', type: 'float32', shape: [2, 1, 128], value: null },
        { name: 'sr', type: 'int64', shape: [], value: 16_000 }
      ]
    })
  })

  test('the batch size multiplies the named batch dimension wherever it stands', () => {
    expect(shapesOf(SILERO_LEGACY, { ...NOTHING_SET, dims: { sequence: 1536, batch: 2 } }, 8)).toEqual({
      input: [16, 1536],
      sr: [],
      h: [2, 16, 64]
    })
  })

  test('without names the first dynamic dimension of each input is the batch, in an override too', () => {
    const spec = { ...NOTHING_SET, overrides: { input: { shape: [1, 512] } } }

    expect(shapesOf(SILERO_V5, spec, 4)).toEqual({ input: [4, 512], state: [2, 4, 128], sr: [] })
  })

  test('an image with a fixed batch and dynamic height is not batched by its height', () => {
    const image = [tensor('image', 'float32', [1, 3, 'height', 'width'])]

    expect(shapesOf(image, NOTHING_SET, 4)).toMatch(/needs a model that takes batches/)
    expect(shapesOf(image, NOTHING_SET, 1)).toEqual({ image: [1, 3, 1, 1] })
  })

  test.each([
    [tensor('x', 'string', [1]), /Input `x` has the element type string/],
    [tensor('x', 'uint4', [1]), /element type uint4/],
    [{ name: 'x', isTensor: false } as const, /not a tensor/]
  ])('an input that cannot be fed is refused with the types that can: %o', (input, message) => {
    const plan = inferInputs([input], NOTHING_SET, 1)

    expect(plan).toMatchObject({ ok: false, message: expect.stringMatching(message) })
    expect(plan).toMatchObject({ hint: expect.stringContaining('float32') })
  })

  test.each([
    ['int8', 200],
    ['uint8', -1],
    ['int64', 0.5],
    ['bool', 2]
  ])('%s cannot be %d', (type, value) => {
    const spec = { ...NOTHING_SET, overrides: { x: { value } } }

    expect(inferInputs([tensor('x', type, [1])], spec, 1)).toMatchObject({ ok: false })
  })

  test('a name that the model does not have is refused instead of ignored', () => {
    expect(shapesOf(SILERO_V5, { ...NOTHING_SET, overrides: { inptu: { value: 1 } } }, 1)).toMatch(/`inptu`/)
    expect(shapesOf(SILERO_V5, { ...NOTHING_SET, dims: { sequence: 5 } }, 1)).toMatch(/`sequence`/)
    expect(shapesOf([tensor('x', 'float32', ['n'])], { ...NOTHING_SET, dims: { constructor: 2 } }, 1)).toMatch(
      /`constructor`/
    )
  })

  test('a dimension called like a property of every object has the default size', () => {
    expect(shapesOf([tensor('x', 'float32', ['constructor'])], NOTHING_SET, 1)).toEqual({ x: [1] })
  })

  test('more elements than the limit are refused, over all inputs together', () => {
    const half = MAX_INPUT_ELEMENTS / 2
    const inputs = [tensor('x', 'float32', ['n', half]), tensor('y', 'float32', ['n', half])]

    expect(shapesOf(inputs, NOTHING_SET, 1)).toEqual({ x: [1, half], y: [1, half] })
    expect(shapesOf(inputs, NOTHING_SET, 2)).toMatch(/more than 67108864 elements/)
  })

  test('a set shape without a place for the batch is refused', () => {
    const spec = { ...NOTHING_SET, overrides: { state: { shape: [2] } } }

    expect(shapesOf(SILERO_V5, spec, 4)).toMatch(/no place for the model's batch dimension/)
  })
})

describe('findBatchDimension', () => {
  test.each([
    ['a well-known name in any case', [tensor('x', 'float32', ['time', 'N', 80])], 'N'],
    ['else the leading dynamic dimension', [tensor('x', 'float32', [1, 'a']), tensor('y', 'float32', ['b'])], 'b'],
    ['else nothing', [tensor('x', 'float32', [1, 'a'])], null]
  ])('is %s', (_, inputs, expected) => {
    expect(findBatchDimension(inputs)).toBe(expected)
  })
})
