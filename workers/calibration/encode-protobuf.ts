/** One field of a message: its number, and a non-negative integer, a text or bytes (an encoded message, say). */
export type Field = readonly [number: number, value: number | string | Uint8Array]

const VARINT = 0
const LENGTH_DELIMITED = 2

/**
 * Encodes a message in Protocol Buffers' wire format [protobuf.dev/programming-guides/encoding]: as much of it as an ONNX
 * file needs.
 */
export function encodeMessage(fields: readonly Field[]): Uint8Array {
  return Buffer.concat(fields.flatMap(encodeField))
}

/** 32-bit floats, little-endian on every machine. */
export function encodeFloats(values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, 4 * index)
  return bytes
}

function encodeField([number, value]: Field): Uint8Array[] {
  if (typeof value === 'number') return [encodeVarint(number * 8 + VARINT), encodeVarint(value)]
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return [encodeVarint(number * 8 + LENGTH_DELIMITED), encodeVarint(bytes.length), bytes]
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Uint8Array.from([...bytes, rest])
}
