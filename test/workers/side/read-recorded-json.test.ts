import { describe, expect, test } from 'vitest'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { inferInputs } from '#workers/side/infer-inputs.ts'
import type { ModelInput } from '#workers/side/model-input.ts'
import { readRecordedJson } from '#workers/side/read-recorded-json.ts'

/** What a model with one input `x` is fed for this value, or why not. */
function feed(type: string, shape: readonly (number | string)[], value: unknown): unknown {
  const inputs: readonly ModelInput[] = [{ name: 'x', isTensor: true, type, shape }]
  const plan = inferInputs(inputs, INFERRED_INPUTS, 1, readRecordedJson(JSON.stringify({ x: value }), 'a.json'))
  if (!plan.ok) return plan.message
  const input = plan.samples[0]?.[0]
  return input?.values.kind === 'recorded' ? { shape: input.shape, elements: [...input.values.elements] } : input
}

describe('values from JSON', () => {
  test.each([
    [
      'float32',
      ['n', 2],
      [
        [1, 2],
        [3, 4.5]
      ],
      { shape: [2, 2], elements: [1, 2, 3, 4.5] }
    ],
    ['float32', [], 7, { shape: [], elements: [7] }],
    ['float64', ['n'], ['NaN', '-Infinity'], { shape: [2], elements: [Number.NaN, Number.NEGATIVE_INFINITY] }],
    ['float16', ['n'], [1, 65_504], { shape: [2], elements: [0x3c00, 0x7bff] }],
    [
      'int64',
      ['n'],
      [1, '9007199254740993', '-9223372036854775808'],
      { shape: [3], elements: [1n, 9007199254740993n, -(2n ** 63n)] }
    ],
    ['uint64', ['n'], ['18446744073709551615'], { shape: [1], elements: [2n ** 64n - 1n] }],
    ['bool', ['n'], [true, false, 1], { shape: [3], elements: [1, 0, 1] }],
    ['string', ['n'], ['a', 'é'], { shape: [2], elements: ['a', 'é'] }],
    ['int32', ['n', 2], { shape: [1, 2], data: [1, 2] }, { shape: [1, 2], elements: [1, 2] }],
    ['int32', ['n'], { dtype: 'int32', shape: [0], data: [] }, { shape: [0], elements: [] }],
    ['int32', ['n', 'm'], [], '`a.json`, input `x` has int32[0], and the model takes x: int32[n, m].']
  ])('for %s%j: %j', (type, shape, value, expected) => {
    expect(feed(type, shape, value)).toEqual(expected)
  })

  test.each([
    ['float32', ['n'], [1, 1e39], /input `x`, element 2: 1e\+39 is not a value of float32/],
    ['float16', ['n'], [65_520], /65520 is not a value of float16/],
    ['float32', ['n'], ['1'], /element 1: "1" is not a value of float32/],
    ['float32', ['n'], ['constructor'], /is not a value of float32/],
    ['float32', ['n'], [null], /null is not a value of float32/],
    ['float32', ['n'], { shape: [1], data: [[1]] }, /element 1: a list or object is not a value of float32/],
    ['int8', ['n'], [128], /128 is not a value of int8/],
    ['int32', ['n'], [1.5], /1.5 is not a value of int32/],
    ['int64', ['n'], [9_007_199_254_740_992], /9007199254740992 is not a value of int64/],
    ['int64', ['n'], ['9223372036854775808'], /is not a value of int64/],
    ['uint64', ['n'], ['-1'], /is not a value of uint64/],
    ['bool', ['n'], [2], /2 is not a value of bool/],
    ['string', ['n'], [1], /1 is not a value of string/],
    ['int64', ['n'], { dtype: 'int32', shape: [1], data: [1] }, /has int32\[1\], and the model takes x: int64\[n\]/],
    ['int64', ['batch', 3], [[1, 2]], /has int64\[1, 2\], and the model takes x: int64\[batch, 3\]/],
    ['int64', [1], [[1]], /has int64\[1, 1\], and the model takes x: int64\[1\]/]
  ])('what %s%j cannot hold is refused: %j', (type, shape, value, message) => {
    expect(feed(type, shape, value)).toMatch(message)
  })
})

describe('readRecordedJson', () => {
  test('takes one sample or a list of them', () => {
    expect(readRecordedJson('{"x": [1]}', 'a.json')).toHaveLength(1)
    expect(readRecordedJson('[{"x": [1]}, {"x": [2]}, {}]', 'a.json')).toHaveLength(3)
  })

  test('values nested deeper than can be written are refused like any other', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const samples = readRecordedJson(`{"x": {"shape": [1], "data": [${deep}]}}`, 'a.json')
    const inputs: readonly ModelInput[] = [{ name: 'x', isTensor: true, type: 'float32', shape: ['n'] }]

    expect(inferInputs(inputs, INFERRED_INPUTS, 1, samples)).toMatchObject({ ok: false })
  })

  test('an input called like a property of every object is an input', () => {
    const [sample] = readRecordedJson('{"__proto__": [1]}', 'a.json')

    expect([...(sample?.keys() ?? [])]).toEqual(['__proto__'])
  })

  test.each([
    ['{"x": [1, NaN]}', /`a.json` is no JSON: .*NaN/],
    ['7', /`a.json` is no object with a value for each input/],
    ['[1]', /sample 1 is no object/],
    ['{"x": [[1, 2], [3]]}', /input `x` has lists of different lengths/],
    ['{"x": [1, [2]]}', /lists of different lengths/],
    ['{"x": [[1], {"y": 2}]}', /lists of different lengths/],
    [`{"x": ${'['.repeat(40)}1${']'.repeat(40)}}`, /more than 32 deep/],
    ['{"x": {"shape": [2], "data": [1]}}', /1 elements in `data`, and its shape \[2\] is of 2/],
    ['{"x": {"shape": [-1], "data": []}}', /no `shape` that is a list of sizes/],
    ['{"x": {"data": [1]}}', /no `shape`/],
    ['{"x": {"shape": [1], "data": 1}}', /no `data` that is a list/],
    ['{"x": {"shape": [1], "data": [1], "dytpe": "int8"}}', /unknown key `dytpe`/],
    ['{"x": {"shape": [1], "data": [1], "dtype": 7}}', /`dtype` that is no text/]
  ])('%s is refused', (text, message) => {
    expect(() => readRecordedJson(text, 'a.json')).toThrow(message)
  })
})
