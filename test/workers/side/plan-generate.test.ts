import { describe, expect, test } from 'vitest'
import { findBestToken } from '#workers/side/generate-cache.ts'
import type { ModelInput } from '#workers/side/model-input.ts'
import { emptyCacheShape, planGenerate } from '#workers/side/plan-generate.ts'

const NAMES = { tokenInput: null, logitsOutput: null }

function value(name: string, type: string, shape: readonly (number | string)[]): ModelInput {
  return { name, isTensor: true, type, shape }
}

const IDS = value('input_ids', 'int64', ['batch_size', 'sequence_length'])
const LOGITS = value('logits', 'float32', ['batch_size', 'sequence_length', 1000])
const past = (name: string) => value(name, 'float32', ['batch_size', 8, 'past_sequence_length', 64])

describe('planGenerate', () => {
  test.each([
    ['past_key_values.0.key', 'present.0.key'],
    ['past_0', 'present_0'],
    ['past_key_self_3', 'present_key_self_3'],
    ['past_key_values.1.value', 'present_key_values.1.value']
  ])('feeds %s from %s', (input, output) => {
    const answer = planGenerate([IDS, past(input)], [LOGITS, past(output)], NAMES)

    expect(answer).toMatchObject({
      ok: true,
      plan: { caches: [{ input, output, type: 'float32', shape: [1, 8, 0, 64] }], logits: 'logits', vocabulary: 1000 }
    })
  })

  test('knows what exporters feed beside the tokens', () => {
    const inputs = [
      IDS,
      value('attention_mask', 'int64', ['batch_size', 'total']),
      value('position_ids', 'int32', ['batch_size', 'sequence_length']),
      value('use_cache_branch', 'bool', [1]),
      past('past_0')
    ]
    const answer = planGenerate(inputs, [LOGITS, past('present_0')], NAMES)

    expect(answer).toMatchObject({
      ok: true,
      plan: {
        attentionMask: { name: 'attention_mask', type: 'int64' },
        positionIds: { name: 'position_ids', type: 'int32' },
        cacheBranch: 'use_cache_branch'
      }
    })
  })

  test('takes the names that the configuration gives', () => {
    const inputs = [value('tokens', 'int32', [1, 'n']), past('past_0')]
    const outputs = [value('scores', 'float16', [1, 'n', 'vocabulary']), past('present_0')]

    const answer = planGenerate(inputs, outputs, { tokenInput: 'tokens', logitsOutput: 'scores' })

    expect(answer).toMatchObject({ ok: true, plan: { tokens: { type: 'int32' }, logits: 'scores', vocabulary: null } })
  })

  test.each<[string, readonly ModelInput[], readonly ModelInput[], RegExp]>([
    ['no tokens', [past('past_0')], [LOGITS], /`input_ids`, which the model does not have/],
    ['no scores', [IDS, past('past_0')], [past('present_0')], /`logits`, which the model does not have/],
    ['no cache', [IDS], [LOGITS], /keeps keys and values/],
    ['a cache that does not come out', [IDS, past('past_0')], [LOGITS, past('present_1')], /`past_0` has no output/],
    ['an input nobody knows', [IDS, past('past_0'), value('x', 'float32', [1])], [LOGITS, past('present_0')], /`x`/],
    [
      'a fixed number of tokens',
      [value('input_ids', 'int64', [1, 1]), past('past_0')],
      [LOGITS, past('present_0')],
      /takes 1 tokens/
    ],
    [
      'a cache of a fixed length',
      [IDS, value('past_0', 'float32', ['batch_size', 8, 128, 64])],
      [LOGITS, past('present_0')],
      /no cache that can grow/
    ],
    ['text for tokens', [value('input_ids', 'string', ['b', 's']), past('past_0')], [LOGITS], /tensor of integers/]
  ])('refuses a model with %s, and shows its signature', (_, inputs, outputs, message) => {
    const answer = planGenerate(inputs, outputs, NAMES)

    expect(answer).toMatchObject({ ok: false, message: expect.stringMatching(message) })
    expect(!answer.ok && answer.hint).toContain('The model takes ')
  })
})

describe('emptyCacheShape', () => {
  test.each([
    [
      ['batch_size', 8, 'past_sequence_length', 64],
      [1, 8, 0, 64]
    ],
    [
      [2, 'batch', 12, 'past_len', 64],
      [2, 1, 12, 0, 64]
    ],
    [
      ['', 8, '', 64],
      [1, 8, 0, 64]
    ],
    [
      [1, 8, 'n', 64],
      [1, 8, 0, 64]
    ],
    [
      ['past', 'batch', 64],
      [0, 1, 64]
    ],
    [[1, 8, 128, 64], null],
    [['batch', 'a', 'b'], null]
  ])('%j is empty as %j', (shape, empty) => {
    expect(emptyCacheShape(shape)).toEqual(empty)
  })
})

describe('findBestToken', () => {
  test('looks at the last place only, and takes the first of several', () => {
    const data = Float32Array.of(9, 1, 1, 2, 7, 7)

    expect(findBestToken({ data, dims: [1, 2, 3], type: 'float32' })).toBe(1)
  })

  test.each([
    // 1, -2, 1.5
    [[0x3c00, 0xc000, 0x3e00], 2],
    // -1, -2, -0.5
    [[0xbc00, 0xc000, 0xb800], 2],
    // NaN, -infinity, -65504
    [[0x7e00, 0xfc00, 0xfbff], 2],
    // 0.00006, infinity, 65504
    [[0x0400, 0x7c00, 0x7bff], 1]
  ])('orders the half-precision bits %j', (bits, best) => {
    expect(findBestToken({ data: Uint16Array.from(bits), dims: [1, 1, 3], type: 'float16' })).toBe(best)
  })

  test('no scores are an error', () => {
    expect(() => findBestToken({ data: new Float32Array(0), dims: [1, 0, 3], type: 'float32' })).toThrow(/no scores/)
  })
})
