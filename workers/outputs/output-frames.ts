/**
 * How the outputs of one sample travel from a side process to the supervisor. Numbers are little-endian; each part starts at
 * a multiple of 8 bytes, so that the supervisor can read the elements where they lie.
 *
 *   length of the header (4 bytes)
 *   header, JSON in UTF-8: {tokens, outputs: [{name, type, dims, bytes}]}
 *   the elements of each output: raw, or for strings the length of each (4 bytes) and its UTF-8
 *
 * The side process loads this file: it imports types only. decode-outputs.ts is the supervisor's half.
 */
import type { ElementType } from '#contracts/inputs.ts'

export const MAX_OUTPUT_FRAME_BYTES = 256 * 1024 * 1024
export const MAX_OUTPUT_HEADER_BYTES = 4 * 1024 * 1024
export const MAX_FRAME_OUTPUTS = 1000
export const MAX_OUTPUT_NAME_LENGTH = 500
export const MAX_TEXTS = 1_000_000
export const MAX_TEXT_BYTES = 1024 * 1024
export const LENGTH_BYTES = 4
const ALIGNMENT_BYTES = 8

/** One output as ONNX Runtime has it. Half-precision values are 16 bits each, in whatever array they come. */
export interface RawOutput {
  readonly name: string
  readonly type: ElementType
  readonly dims: readonly number[]
  readonly data: ArrayBufferView | readonly string[]
}

export interface OutputHeader {
  readonly tokens: readonly number[] | null
  readonly outputs: readonly { readonly name: string; readonly type: string; readonly dims: number[]; bytes: number }[]
}

export type EncodedOutputs =
  /** The pieces stand one after the other; elements are not copied. */
  | { readonly ok: true; readonly bodyBytes: number; readonly pieces: readonly Uint8Array[] }
  | { readonly ok: false; readonly message: string }

/** The body of a frame with the outputs of one sample; a message where they are more than a frame carries. */
export function encodeOutputs(outputs: readonly RawOutput[], tokens: readonly number[] | null): EncodedOutputs {
  if (outputs.length > MAX_FRAME_OUTPUTS) {
    return tooLarge(`The model has ${outputs.length} outputs; at most ${MAX_FRAME_OUTPUTS} are compared.`)
  }
  let elementBytes = 0
  const encoded: Uint8Array[] = []
  for (const { name, data } of outputs) {
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : encodeTexts(data)
    if (bytes === null) {
      return tooLarge(
        `Output \`${name}\` has too much text to compare: at most ${MAX_TEXTS} strings of ${MAX_TEXT_BYTES} bytes each.`
      )
    }
    encoded.push(bytes)
    elementBytes += align(bytes.length)
    if (elementBytes > MAX_OUTPUT_FRAME_BYTES) return tooManyBytes(name)
  }
  const header = encodeHeader(outputs, encoded, tokens)
  const bodyBytes = header.length + elementBytes
  if (header.length > MAX_OUTPUT_HEADER_BYTES || bodyBytes > MAX_OUTPUT_FRAME_BYTES) return tooManyBytes(null)
  return { ok: true, bodyBytes, pieces: [header, ...encoded.flatMap(padded)] }
}

/** The next multiple of 8. */
export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
}

function encodeHeader(
  outputs: readonly RawOutput[],
  encoded: readonly Uint8Array[],
  tokens: readonly number[] | null
): Uint8Array {
  const header: OutputHeader = {
    tokens,
    outputs: outputs.map(({ name, type, dims }, index) => ({
      name: name.slice(0, MAX_OUTPUT_NAME_LENGTH),
      type,
      dims: [...dims],
      bytes: encoded[index]?.length ?? 0
    }))
  }
  const text = Buffer.from(JSON.stringify(header))
  const bytes = Buffer.alloc(align(LENGTH_BYTES + text.length))
  bytes.writeUInt32LE(text.length)
  text.copy(bytes, LENGTH_BYTES)
  return bytes
}

/** Null where it is too much. */
function encodeTexts(texts: readonly string[]): Uint8Array | null {
  if (texts.length > MAX_TEXTS) return null
  const lengths = texts.map((text) => Buffer.byteLength(text))
  const total = lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, 0)
  if (lengths.some((length) => length > MAX_TEXT_BYTES) || total > MAX_OUTPUT_FRAME_BYTES) return null
  const bytes = Buffer.alloc(total)
  let offset = 0
  for (const text of texts) {
    const length = bytes.write(text, offset + LENGTH_BYTES)
    bytes.writeUInt32LE(length, offset)
    offset += LENGTH_BYTES + length
  }
  return bytes
}

function padded(bytes: Uint8Array): readonly Uint8Array[] {
  const padding = align(bytes.length) - bytes.length
  return padding === 0 ? [bytes] : [bytes, new Uint8Array(padding)]
}

function tooManyBytes(name: string | null): EncodedOutputs {
  const what = name === null ? 'The outputs of one sample are' : `With output \`${name}\` the outputs of one sample are`
  return tooLarge(`${what} more than ${MAX_OUTPUT_FRAME_BYTES / 1024 / 1024} MiB, too much to compare.`)
}

function tooLarge(message: string): EncodedOutputs {
  return { ok: false, message: message.slice(0, 4000) }
}
