import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { type DecoderSize, decoderModel, SMALL_DECODER } from '#test/fixtures/onnx/decoder-model.ts'

const PROMPT = [3, 1, 4, 1, 5, 9, 2, 6, 53, 58]

interface Step {
  readonly ids: readonly number[]
  readonly cache: Readonly<Record<string, Tensor>>
}

function emptyCache({ layers, heads, width }: DecoderSize): Record<string, Tensor> {
  const names = Array.from({ length: layers }, (_, layer) => ['key', 'value'].map((part) => `${layer}.${part}`)).flat()
  return Object.fromEntries(
    names.map((name) => [name, new Tensor('float32', new Float32Array(0), [1, heads, 0, width / heads])])
  )
}

function int64(values: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
}

/** Logits of every given token, one row each, and the cache after them. */
async function decode(session: InferenceSession, { ids, cache }: Step) {
  const past = Object.values(cache)[0]?.dims[2] ?? 0
  const feeds: Record<string, Tensor> = {
    input_ids: int64(ids),
    attention_mask: int64(Array.from({ length: past + ids.length }, () => 1)),
    ...Object.fromEntries(Object.entries(cache).map(([name, values]) => [`past_key_values.${name}`, values]))
  }
  if (session.inputNames.includes('position_ids')) feeds.position_ids = int64(ids.map((_, index) => past + index))
  const outputs = await session.run(feeds)
  const { logits, ...present } = outputs
  const values = floats(logits)
  return {
    rows: ids.map((_, row) => [...values.subarray(row * 64, (row + 1) * 64)]),
    cache: Object.fromEntries(Object.entries(present).map(([name, tensor]) => [name.replace('present.', ''), tensor]))
  }
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('The output is no float32 tensor.')
  return tensor.data
}

function largestDifference(some: readonly number[], others: readonly number[]): number {
  return Math.max(...some.map((value, index) => Math.abs(value - (others[index] ?? Number.NaN))))
}

describe.each([true, false])('the decoder, with position_ids: %s', (positionIds) => {
  test('gives the same logits one token at a time with its cache as all at once', async () => {
    const session = await InferenceSession.create(decoderModel({ positionIds }))
    const whole = await decode(session, { ids: PROMPT, cache: emptyCache(SMALL_DECODER) })

    let cache = emptyCache(SMALL_DECODER)
    const rows: (readonly number[])[] = []
    for (const id of PROMPT) {
      const step = await decode(session, { ids: [id], cache })
      cache = step.cache
      rows.push(...step.rows)
    }

    expect(rows).toHaveLength(PROMPT.length)
    for (const [index, row] of rows.entries()) expect(largestDifference(row, whole.rows[index]!)).toBeLessThan(1e-4)
    expect(largestDifference([...floats(cache['1.value'])], [...floats(whole.cache['1.value'])])).toBeLessThan(1e-4)
  })

  test('goes on from a prompt in its cache', async () => {
    const session = await InferenceSession.create(decoderModel({ positionIds }))
    const whole = await decode(session, { ids: PROMPT, cache: emptyCache(SMALL_DECODER) })

    const first = await decode(session, { ids: PROMPT.slice(0, 6), cache: emptyCache(SMALL_DECODER) })
    const second = await decode(session, { ids: PROMPT.slice(6), cache: first.cache })

    expect(second.cache['0.key']?.dims).toEqual([1, 2, 10, 16])
    expect(largestDifference(second.rows[3]!, whole.rows[9]!)).toBeLessThan(1e-4)
  })
})

test('without its cache the decoder says something else', async () => {
  const session = await InferenceSession.create(decoderModel())
  const whole = await decode(session, { ids: PROMPT, cache: emptyCache(SMALL_DECODER) })

  const alone = await decode(session, { ids: PROMPT.slice(-1), cache: emptyCache(SMALL_DECODER) })

  expect(largestDifference(alone.rows[0]!, whole.rows[9]!)).toBeGreaterThan(0.1)
})

test('a later token does not change what came before', async () => {
  const session = await InferenceSession.create(decoderModel())
  const some = await decode(session, { ids: [1, 2, 3, 4], cache: emptyCache(SMALL_DECODER) })
  const others = await decode(session, { ids: [1, 2, 3, 60], cache: emptyCache(SMALL_DECODER) })

  expect(largestDifference(some.rows[2]!, others.rows[2]!)).toBeLessThan(1e-4)
  expect(largestDifference(some.rows[3]!, others.rows[3]!)).toBeGreaterThan(0.1)
})

test('greedy tokens vary', async () => {
  const session = await InferenceSession.create(decoderModel())
  let step = await decode(session, { ids: PROMPT, cache: emptyCache(SMALL_DECODER) })
  const tokens = new Set<number>()
  for (let count = 0; count < 16; count += 1) {
    const row = step.rows.at(-1)!
    const token = row.indexOf(Math.max(...row))
    tokens.add(token)
    step = await decode(session, { ids: [token], cache: step.cache })
  }

  expect(tokens.size).toBeGreaterThan(4)
})

test('the seed decides the bytes', () => {
  expect(decoderModel()).toEqual(decoderModel({ seed: 1 }))
  expect(decoderModel()).not.toEqual(decoderModel({ seed: 2 }))
})
