import { readSync } from 'node:fs'

/**
 * A file in Protocol Buffers' wire format [protobuf.dev/programming-guides/encoding], read piece by piece: a model of 2 GiB is
 * mostly weights, and those are stepped over. The file is an attacker's, so whatever it says is bounded by `limits`.
 */
export interface WireFile {
  readonly descriptor: number
  readonly sizeBytes: number
  readonly limits: { fields: number }
  readonly window: { startBytes: number; bytes: Buffer }
}

/** Part of a wire file: a message, or a text. */
export interface Span {
  readonly start: number
  readonly end: number
}

export type WireField =
  | { readonly kind: 'integer'; readonly number: number; readonly value: number }
  | { readonly kind: 'span'; readonly number: number; readonly span: Span }
  | { readonly kind: 'fixed'; readonly number: number }

/** The file is cut off, no ONNX file, or made to exhaust its reader. The message is one sentence. */
export class WireError extends Error {
  readonly code = 'wire_error'
}

const WINDOW_BYTES = 64 * 1024
/** Of a varint: 64 bits in groups of seven. */
const LONGEST_VARINT_BYTES = 10
/** Takes about a second. A model of a hundred thousand nodes has two million. */
const MOST_FIELDS = 20_000_000

const WIRE = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const

export function openWireFile(descriptor: number, sizeBytes: number): WireFile {
  return {
    descriptor,
    sizeBytes,
    limits: { fields: MOST_FIELDS },
    window: { startBytes: 0, bytes: Buffer.alloc(0) }
  }
}

/** The fields of a message, in order. Throws a `WireError` where they do not fit into it. */
export function* readFields(file: WireFile, { start, end }: Span): Generator<WireField> {
  for (let at = start; at < end; ) {
    if (file.limits.fields <= 0) throw new WireError(`It has more than ${MOST_FIELDS} fields.`)
    file.limits.fields -= 1
    const { field, next } = readField(file, { start: at, end })
    if (next > end) throw new WireError(`A field before byte ${next} reaches beyond the end of what holds it.`)
    yield field
    at = next
  }
}

/** The messages and texts among the fields of a message. */
export function* readSpans(file: WireFile, message: Span): Generator<Extract<WireField, { kind: 'span' }>> {
  for (const field of readFields(file, message)) if (field.kind === 'span') yield field
}

function readField(file: WireFile, { start, end }: Span): { readonly field: WireField; readonly next: number } {
  const { value: tag, next: at } = readVarint(file, { start, end })
  const number = Math.floor(tag / 8)
  const wireType = tag % 8
  if (wireType === WIRE.fixed64) return { field: { kind: 'fixed', number }, next: at + 8 }
  if (wireType === WIRE.fixed32) return { field: { kind: 'fixed', number }, next: at + 4 }
  if (wireType !== WIRE.varint && wireType !== WIRE.lengthDelimited) {
    throw new WireError(`It has no field of a known kind at byte ${start}.`)
  }
  const { value, next } = readVarint(file, { start: at, end })
  if (wireType === WIRE.varint) return { field: { kind: 'integer', number, value }, next }
  if (value < 0 || next + value > end) {
    throw new WireError(`A field at byte ${start} reaches beyond the end of what holds it.`)
  }
  const span = { start: next, end: next + value }
  return { field: { kind: 'span', number, span }, next: span.end }
}

/** The start of a span, at most `mostBytes` of it. */
export function readSpan(file: WireFile, { start, end }: Span, mostBytes: number): Buffer {
  const length = Math.min(end - start, mostBytes)
  if (length <= WINDOW_BYTES) return Buffer.from(bytesAt(file, start, length))
  const bytes = Buffer.alloc(length)
  fill(file, bytes, start)
  return bytes
}

/** The integers of a packed field, at most `most` of them. */
export function readPackedIntegers(file: WireFile, span: Span, most: number): readonly number[] {
  const values: number[] = []
  for (let at = span.start; at < span.end && values.length < most; ) {
    const { value, next } = readVarint(file, { start: at, end: span.end })
    values.push(value)
    at = next
  }
  return values
}

/** Seven bits a byte, least significant first. Integers are taken for int64, and cut to what a double holds exactly. */
function readVarint(file: WireFile, { start, end }: Span): { readonly value: number; readonly next: number } {
  const bytes = bytesAt(file, start, Math.min(LONGEST_VARINT_BYTES, end - start))
  let value = 0
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value: toSafe(value, bytes.subarray(0, index + 1)), next: start + index + 1 }
  }
  throw new WireError(
    bytes.length < LONGEST_VARINT_BYTES ? `It is cut off at byte ${end}.` : `It has no whole number at byte ${start}.`
  )
}

/** A negative int64 takes ten bytes; the sum of doubles has lost its lower bits. */
function toSafe(value: number, bytes: Buffer): number {
  if (value <= Number.MAX_SAFE_INTEGER) return value
  if (value < 2 ** 63) return Number.MAX_SAFE_INTEGER
  let whole = 0n
  for (const [index, byte] of bytes.entries()) whole |= BigInt(byte & 0x7f) << BigInt(7 * index)
  return Math.max(Number(BigInt.asIntN(64, whole)), -Number.MAX_SAFE_INTEGER)
}

/** A view into the window; valid until the next read. Shorter than asked for at the end of the file only. */
function bytesAt(file: WireFile, start: number, length: number): Buffer {
  const { window } = file
  const offset = start - window.startBytes
  if (offset < 0 || offset + length > window.bytes.length) {
    window.bytes = Buffer.alloc(Math.min(WINDOW_BYTES, Math.max(0, file.sizeBytes - start)))
    window.startBytes = start
    fill(file, window.bytes, start)
    return window.bytes.subarray(0, length)
  }
  return window.bytes.subarray(offset, offset + length)
}

function fill(file: WireFile, bytes: Buffer, start: number): void {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file.descriptor, bytes, done, bytes.length - done, start + done)
    if (read === 0) throw new WireError('It became shorter while it was read.')
    done += read
  }
}
