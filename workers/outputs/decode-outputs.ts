import { z } from 'zod'
import type { ElementType } from '#contracts/inputs.ts'
import { OutputElementType } from '#contracts/outputs.ts'
import { parseJson } from '#workers/parse-json.ts'
import { countElements, type NumberValues } from '#workers/side/element-types.ts'
import {
  align,
  LENGTH_BYTES,
  MAX_FRAME_OUTPUTS,
  MAX_OUTPUT_FRAME_BYTES,
  MAX_OUTPUT_HEADER_BYTES,
  MAX_OUTPUT_NAME_LENGTH,
  MAX_TEXT_BYTES,
  MAX_TEXTS
} from './output-frames.ts'
import type { OutputTensor, SampleRun } from './output-tensor.ts'

const Header = z.strictObject({
  tokens: z.array(z.int().nonnegative()).max(200_000).nullable(),
  outputs: z
    .array(
      z.strictObject({
        name: z.string().max(MAX_OUTPUT_NAME_LENGTH),
        type: OutputElementType,
        dims: z.array(z.int().nonnegative().max(MAX_OUTPUT_FRAME_BYTES)).max(32),
        bytes: z.int().nonnegative().max(MAX_OUTPUT_FRAME_BYTES)
      })
    )
    .max(MAX_FRAME_OUTPUTS)
})
type DescribedOutput = z.infer<typeof Header>['outputs'][number]

export type DecodedOutputs =
  | { readonly ok: true; readonly run: SampleRun }
  /** `problem` is a clause: "the frame ends before its outputs do". */
  | { readonly ok: false; readonly problem: string }

const ELEMENT_BYTES: Readonly<Record<Exclude<ElementType, 'string'>, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1
}

/**
 * Reads the body that `encodeOutputs` wrote. The sender may be hostile: every length is checked against the dimensions and
 * against what is there. Elements stay where they are in the body, wherever it is aligned.
 */
export function decodeOutputs(body: Uint8Array): DecodedOutputs {
  const header = readHeader(body)
  if (typeof header === 'string') return { ok: false, problem: header }
  const names = new Set<string>()
  const outputs: OutputTensor[] = []
  let offset = header.endsAt
  for (const described of header.value.outputs) {
    if (names.has(described.name)) return { ok: false, problem: 'two outputs have the same name' }
    names.add(described.name)
    if (offset + described.bytes > body.length) return { ok: false, problem: 'the frame ends before its outputs do' }
    const tensor = readTensor(described, body.subarray(offset, offset + described.bytes))
    if (tensor === null) return { ok: false, problem: 'an output is not as long as its dimensions say' }
    outputs.push(tensor)
    offset += align(described.bytes)
  }
  if (offset !== body.length) return { ok: false, problem: 'the frame goes on after its outputs' }
  return { ok: true, run: { outputs, tokens: header.value.tokens } }
}

/** A text is the problem. */
function readHeader(body: Uint8Array): { value: z.infer<typeof Header>; endsAt: number } | string {
  if (body.length > MAX_OUTPUT_FRAME_BYTES) return 'the frame is longer than any may be'
  if (body.length < LENGTH_BYTES) return 'the frame has no header'
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.length)
  const headerBytes = buffer.readUInt32LE(0)
  const endsAt = align(LENGTH_BYTES + headerBytes)
  if (headerBytes > MAX_OUTPUT_HEADER_BYTES || endsAt > body.length) return 'the header is longer than the frame'
  const parsed = Header.safeParse(parseJson(buffer.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + headerBytes)))
  return parsed.success ? { value: parsed.data, endsAt } : 'the header is not one'
}

/** Null when the bytes are not what the dimensions say. */
function readTensor(described: DescribedOutput, bytes: Uint8Array): OutputTensor | null {
  const { name, type, dims } = described
  const elements = countElements(dims)
  if (type === 'string') {
    const values = readTexts(bytes, elements)
    return values === null ? null : { name, type, dims, values }
  }
  const elementBytes = ELEMENT_BYTES[type]
  if (elements * elementBytes !== bytes.length) return null
  const aligned = bytes.byteOffset % elementBytes === 0 ? bytes : new Uint8Array(bytes)
  const { buffer, byteOffset } = aligned
  if (type === 'int64') return { name, type, dims, values: new BigInt64Array(buffer, byteOffset, elements) }
  if (type === 'uint64') return { name, type, dims, values: new BigUint64Array(buffer, byteOffset, elements) }
  return { name, type, dims, values: new NUMBER_ARRAYS[type](buffer, byteOffset, elements) }
}

const NUMBER_ARRAYS: Readonly<
  Record<
    Exclude<ElementType, 'int64' | 'uint64' | 'string'>,
    new (
      buffer: ArrayBufferLike,
      byteOffset: number,
      length: number
    ) => NumberValues
  >
> = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array
}

function readTexts(bytes: Uint8Array, count: number): readonly string[] | null {
  // Each text takes at least its length, so that a small frame cannot ask for many.
  if (count > MAX_TEXTS || count * LENGTH_BYTES > bytes.length) return null
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const texts: string[] = []
  let offset = 0
  for (let index = 0; index < count; index += 1) {
    if (offset + LENGTH_BYTES > buffer.length) return null
    const length = buffer.readUInt32LE(offset)
    const end = offset + LENGTH_BYTES + length
    if (length > MAX_TEXT_BYTES || end > buffer.length) return null
    texts.push(buffer.toString('utf8', offset + LENGTH_BYTES, end))
    offset = end
  }
  return offset === buffer.length ? texts : null
}
