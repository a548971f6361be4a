import { describe, expect, test } from 'vitest'
import { INFERRED_INPUTS, type InputSpec } from '#contracts/inputs.ts'
import type { RecordedSample } from '#workers/side/fit-recorded.ts'
import { inferInputs, MAX_INPUT_ELEMENTS, type PlannedSample } from '#workers/side/infer-inputs.ts'
import { findBatchDimension, type ModelInput } from '#workers/side/model-input.ts'

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

function recordedIds(ids: readonly bigint[]): RecordedSample {
  const place = '`a.npz`, array `ids`'
  const elements = BigInt64Array.from(ids)
  return new Map([['ids', { kind: 'typed', type: 'int64', shape: [1, ids.length], elements, place }]])
}

function shapesOf(inputs: readonly ModelInput[], spec: InputSpec, batchSize: number): unknown {
  const plan = inferInputs(inputs, spec, batchSize)
  return plan.ok ? shapesOfSample(plan.samples[0] ?? []) : plan.message
}

function shapesOfSample(sample: PlannedSample): unknown {
  return Object.fromEntries(sample.map((input) => [input.name, input.shape]))
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
    const normal = { kind: 'drawn', distribution: { kind: 'normal', mean: 0, sd: 1 } }

    expect(inferInputs(SILERO_V5, spec, 1)).toEqual({
      ok: true,
      samples: [
        [
          { name: 'input', type: 'float32', shape: [1, 512], values: normal },
          { name: 'state', type: 'float32', shape: [2, 1, 128], values: normal },
          { name: 'sr', type: 'int64', shape: [], values: { kind: 'constant', value: 16_000 } }
        ]
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
    [tensor('x', 'string', [1]), /Input `x` has the element type string, and strings are not generated/],
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

  test.each([
    ['too few dimensions', [2]],
    ['too many dimensions', [2, 1, 128, 1]],
    ['another size than a fixed one', [3, 1, 128]]
  ])('a set shape with %s is refused, with the shape that the model takes', (_, shape) => {
    const spec = { ...NOTHING_SET, overrides: { state: { shape } } }

    expect(shapesOf(SILERO_V5, spec, 1)).toBe(
      `The shape [${shape.join(', ')}] is set for input \`state\`, and the model takes state: float32[2, ?, 128].`
    )
  })

  test('an input that ONNX Runtime lists without a shape takes any', () => {
    const spec = { ...NOTHING_SET, overrides: { x: { shape: [2, 3] } } }

    expect(shapesOf([tensor('x', 'float32', [])], spec, 1)).toEqual({ x: [2, 3] })
  })

  test('sizes are drawn anew for each sample, the same for all inputs that share the dimension', () => {
    const dims = { sequence: { choices: [128, 512], weights: [3, 1] }, batch: 1 }
    const plan = inferInputs(SILERO_LEGACY, { ...NOTHING_SET, dims, samples: 8 }, 2)

    if (!plan.ok) throw new Error(plan.message)
    const sequences = plan.samples.map((sample) => sample[0]?.shape[1])
    expect(sequences.filter((size) => size === 128)).toHaveLength(6)
    expect(sequences.filter((size) => size === 512)).toHaveLength(2)
    expect(plan.samples.every((sample) => sample[2]?.shape[1] === 2)).toBe(true)
  })

  test('what is alike in all samples counts once, what is drawn anew counts each time', () => {
    const inputs = [
      tensor('zeros', 'int64', [MAX_INPUT_ELEMENTS / 4]),
      tensor('drawn', 'float32', [MAX_INPUT_ELEMENTS / 4])
    ]

    expect(shapesOf(inputs, { ...NOTHING_SET, samples: 3 }, 1)).toEqual({
      zeros: [MAX_INPUT_ELEMENTS / 4],
      drawn: [MAX_INPUT_ELEMENTS / 4]
    })
    expect(shapesOf(inputs, { ...NOTHING_SET, samples: 4 }, 1)).toMatch(/the 4 samples together would carry more than/)
  })

  test('recorded samples take the place of generated ones, and inputs they lack are generated to fit them', () => {
    const inputs = [tensor('ids', 'int64', ['batch', 'sequence']), tensor('mask', 'float32', ['batch', 'sequence'])]
    const recorded = [recordedIds([1n, 2n, 3n]), recordedIds([4n])]
    const plan = inferInputs(inputs, { ...NOTHING_SET, samples: 5, dims: { sequence: 77 } }, 2, recorded)

    if (!plan.ok) throw new Error(plan.message)
    expect(plan.samples.map(shapesOfSample)).toEqual([
      { ids: [2, 3], mask: [2, 3] },
      { ids: [2, 1], mask: [2, 1] }
    ])
    expect(plan.samples[0]?.[0]?.values).toEqual({
      kind: 'recorded',
      elements: BigInt64Array.of(1n, 2n, 3n, 1n, 2n, 3n)
    })
  })

  test('a recording for an input that the model does not have is refused', () => {
    expect(inferInputs([tensor('x', 'int64', ['n'])], NOTHING_SET, 1, [recordedIds([1n])])).toMatchObject({
      ok: false,
      message: '`a.npz`, array `ids` is for the input `ids`, which the model does not have.',
      hint: expect.stringContaining('x: int64[n]')
    })
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
