import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ElementType } from '#contracts/inputs.ts'
import { decodeOutputs } from '#workers/outputs/decode-outputs.ts'
import { encodeOutputs, MAX_TEXT_BYTES, type RawOutput } from '#workers/outputs/output-frames.ts'

function bodyOf(outputs: readonly RawOutput[], tokens: readonly number[] | null = null): Buffer {
  const encoded = encodeOutputs(outputs, tokens)
  if (!encoded.ok) throw new Error(encoded.message)
  const body = Buffer.concat(encoded.pieces)
  expect(body.length).toBe(encoded.bodyBytes)
  return body
}

/** A body with any header before any elements. */
function forge(header: unknown, elements: Uint8Array = new Uint8Array(0)): Buffer {
  const text = Buffer.from(JSON.stringify(header))
  const start = Buffer.alloc(Math.ceil((4 + text.length) / 8) * 8)
  start.writeUInt32LE(text.length)
  text.copy(start, 4)
  return Buffer.concat([start, elements])
}

const EVERY_TYPE: readonly RawOutput[] = [
  { name: 'f32', type: 'float32', dims: [3], data: Float32Array.of(1, -2, Number.NaN) },
  { name: 'f64', type: 'float64', dims: [1, 1], data: Float64Array.of(1 / 3) },
  { name: 'f16', type: 'float16', dims: [3], data: Uint16Array.of(0x3c00, 1, 2) },
  { name: 'i8', type: 'int8', dims: [1], data: Int8Array.of(-1) },
  { name: 'u8', type: 'uint8', dims: [1], data: Uint8Array.of(255) },
  { name: 'i16', type: 'int16', dims: [1], data: Int16Array.of(-2) },
  { name: 'u16', type: 'uint16', dims: [1], data: Uint16Array.of(65_535) },
  { name: 'i32', type: 'int32', dims: [1], data: Int32Array.of(-3) },
  { name: 'u32', type: 'uint32', dims: [1], data: Uint32Array.of(4_000_000_000) },
  { name: 'i64', type: 'int64', dims: [1], data: BigInt64Array.of(-(2n ** 62n)) },
  { name: 'u64', type: 'uint64', dims: [1], data: BigUint64Array.of(2n ** 63n) },
  { name: 'flag', type: 'bool', dims: [2], data: Uint8Array.of(0, 1) },
  { name: 'text', type: 'string', dims: [2, 1], data: ['', 'gr\u00fc\u00df dich 🙂'] },
  { name: 'scalar', type: 'float32', dims: [], data: Float32Array.of(7) },
  { name: 'empty', type: 'float32', dims: [0, 4], data: new Float32Array(0) }
]

describe('a frame', () => {
  test.each([0, 1, 3])('arrives as it was sent, %d bytes into a buffer', (shift) => {
    const body = bodyOf(EVERY_TYPE, [5, 0, 7])
    const shifted = Buffer.concat([Buffer.alloc(shift), body]).subarray(shift)

    const decoded = decodeOutputs(shifted)

    if (!decoded.ok) throw new Error(decoded.problem)
    expect(decoded.run.tokens).toEqual([5, 0, 7])
    expect(decoded.run.outputs).toEqual(
      EVERY_TYPE.map(({ name, type, dims, data }) => ({ name, type, dims, values: data }))
    )
  })

  test('carries a half-precision array by its bits', () => {
    const body = bodyOf([{ name: 'y', type: 'float16', dims: [2], data: Float16Array.of(1, -2) }])
    const decoded = decodeOutputs(body)
    expect(decoded.ok && decoded.run.outputs[0]?.values).toEqual(Uint16Array.of(0x3c00, 0xc000))
  })

  test('does not copy elements, on either way', () => {
    const data = new Float32Array(1000)
    const encoded = encodeOutputs([{ name: 'y', type: 'float32', dims: [1000], data }], null)
    expect(encoded.ok && encoded.pieces.some((piece) => piece.buffer === data.buffer)).toBe(true)

    const body = bodyOf([{ name: 'y', type: 'float32', dims: [1000], data }])
    const decoded = decodeOutputs(body)
    const [values] = decoded.ok ? decoded.run.outputs.map((output) => output.values) : []
    expect(ArrayBuffer.isView(values) && values.buffer === body.buffer).toBe(true)
  })
})

describe('what is too large is refused before it is sent', () => {
  test('more than 256 MiB', () => {
    // One buffer seen twice: nothing of that size is written.
    const data = new Uint8Array(129 * 1024 * 1024)
    const output = (name: string): RawOutput => ({ name, type: 'uint8', dims: [data.length], data })

    const encoded = encodeOutputs([output('first'), output('second')], null)

    expect(encoded).toEqual({
      ok: false,
      message: 'With output `second` the outputs of one sample are more than 256 MiB, too much to compare.'
    })
  })

  test('too many outputs', () => {
    const outputs = Array.from({ length: 1001 }, (_, index): RawOutput => ({ ...EVERY_TYPE[0]!, name: `y${index}` }))
    expect(encodeOutputs(outputs, null)).toMatchObject({ ok: false, message: expect.stringContaining('1001 outputs') })
  })

  test('a text that is too long', () => {
    const data = ['x'.repeat(MAX_TEXT_BYTES + 1)]
    expect(encodeOutputs([{ name: 'y', type: 'string', dims: [1], data }], null)).toMatchObject({ ok: false })
  })
})

describe('a hostile frame is refused', () => {
  const described = (changes: object) => ({
    tokens: null,
    outputs: [{ name: 'y', type: 'float32', dims: [2], bytes: 8, ...changes }]
  })
  const eight = new Uint8Array(8)

  test('the same frame, honest, is not', () => {
    expect(decodeOutputs(forge(described({}), eight)).ok).toBe(true)
  })

  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'no header'],
    ['a header longer than the frame', Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]), 'longer than the frame'],
    ['a header that is no JSON', Buffer.from([1, 0, 0, 0, 0x7b, 0, 0, 0]), 'not one'],
    ['a header of another shape', forge([]), 'not one'],
    ['an unknown key', forge(described({ more: 1 }), eight), 'not one'],
    ['an unknown type', forge(described({ type: 'bfloat16' }), eight), 'not one'],
    ['a negative dimension', forge(described({ dims: [-2] }), eight), 'not one'],
    ['a dimension with a fraction', forge(described({ dims: [0.5] }), eight), 'not one'],
    ['more dimensions than any tensor has', forge(described({ dims: new Array(33).fill(1) }), eight), 'not one'],
    ['a name without an end', forge(described({ name: 'y'.repeat(501) }), eight), 'not one'],
    ['fewer bytes than the dimensions say', forge(described({ dims: [3] }), eight), 'not as long'],
    ['dimensions whose product is endless', forge(described({ dims: new Array(32).fill(1e8) }), eight), 'not as long'],
    ['more bytes than there are', forge(described({ dims: [4], bytes: 16 }), eight), 'ends before'],
    ['bytes after the outputs', forge(described({}), new Uint8Array(16)), 'goes on'],
    ['a token that is none', forge({ tokens: [-1], outputs: [] }), 'not one'],
    [
      'the same name twice',
      forge({ tokens: null, outputs: [0, 1].map(() => described({}).outputs[0]) }, new Uint8Array(16)),
      'same name'
    ],
    ['more strings than bytes', forge(described({ type: 'string', dims: [1_000_000] }), eight), 'not as long'],
    [
      'a string longer than the rest',
      forge(described({ type: 'string', dims: [1] }), Uint8Array.of(5, 0, 0, 0, 1, 2, 3, 4)),
      'not as long'
    ],
    [
      'a string that leaves bytes',
      forge(described({ type: 'string', dims: [1] }), Uint8Array.of(3, 0, 0, 0, 1, 2, 3, 4)),
      'not as long'
    ]
  ])('%s', (_, body, problem) => {
    expect(decodeOutputs(body)).toEqual({ ok: false, problem: expect.stringContaining(problem) })
  })

  test('a string that is longer than any may be', () => {
    const length = MAX_TEXT_BYTES + 4
    const elements = Buffer.alloc(4 + length)
    elements.writeUInt32LE(length)
    const header = described({ type: 'string', dims: [1], bytes: elements.length })
    expect(decodeOutputs(forge(header, elements))).toMatchObject({
      ok: false,
      problem: expect.stringContaining('as long')
    })
  })

  test('any bytes: refused or decoded, never thrown at', () => {
    const body = bodyOf(EVERY_TYPE, [1])
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const changed = Buffer.from(body)
        for (const [offset, value] of changes) changed[offset] = value
        expect(typeof decodeOutputs(changed).ok).toBe('boolean')
      })
    )
  })
})

test('an element type of each kind is carried', () => {
  const types = new Set<ElementType>(EVERY_TYPE.map(({ type }) => type))
  expect(types.size).toBe(13)
})
