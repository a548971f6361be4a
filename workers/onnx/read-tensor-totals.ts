import { ONNX_ELEMENT_TYPES } from './element-types.ts'
import { addTensor, type GraphTally } from './graph-tally.ts'
import {
  readFields,
  readPackedIntegers,
  readSpan,
  readSpans,
  type Span,
  type WireField,
  type WireFile
} from './wire-file.ts'

/** Field numbers of ONNX's TensorProto and StringStringEntryProto [onnx/onnx.proto]. */
const TENSOR = { dims: 1, dataType: 2, stringData: 6, externalData: 13, dataLocation: 14 } as const
const ENTRY = { key: 1, value: 2 } as const
const EXTERNAL = 1

const MOST_DIMS = 32
/** Longest path on Linux. */
const MOST_LOCATION_BYTES = 4096

const NAMES = new Map<number, string>(Object.entries(ONNX_ELEMENT_TYPES).map(([name, number]) => [number, name]))

/** Bits per element, by type; texts count as they are stored. */
const ELEMENT_BITS: Readonly<Record<string, number>> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
  float8e8m0: 8,
  uint2: 2,
  int2: 2
}

export function elementTypeName(dataType: number): string {
  return NAMES.get(dataType) ?? `unknown (${dataType})`
}

interface TensorHeader {
  readonly dims: number[]
  dataType: number
  textBytes: number
  external: boolean
  location: string
}

/** Adds one tensor to the totals of its element type. Its size is what its shape says; the values are not read. */
export function readTensorTotals(file: WireFile, tally: GraphTally, span: Span): void {
  const header: TensorHeader = { dims: [], dataType: 0, textBytes: 0, external: false, location: '' }
  for (const field of readFields(file, span)) {
    if (field.kind === 'integer') readInteger(header, field.number, field.value)
    if (field.kind === 'span') readPart(file, header, field)
  }
  const { dims, dataType, textBytes, external, location } = header
  const elementType = elementTypeName(dataType)
  const bits = ELEMENT_BITS[elementType] ?? 0
  const bytes = elementType === 'string' ? textBytes : Math.ceil((elementCount(dims) * bits) / 8)
  addTensor(tally, { elementType, bytes, location: external ? location : null })
}

function readInteger(header: TensorHeader, number: number, value: number): void {
  if (number === TENSOR.dims && header.dims.length < MOST_DIMS) header.dims.push(value)
  if (number === TENSOR.dataType) header.dataType = value
  if (number === TENSOR.dataLocation) header.external = value === EXTERNAL
}

function readPart(file: WireFile, header: TensorHeader, { number, span }: Extract<WireField, { kind: 'span' }>): void {
  if (number === TENSOR.dims) header.dims.push(...readPackedIntegers(file, span, MOST_DIMS - header.dims.length))
  if (number === TENSOR.stringData) header.textBytes += span.end - span.start
  if (number === TENSOR.externalData) header.location = readLocation(file, span) ?? header.location
}

/** At most 2^53 - 1 whatever the file claims, so that sums stay exact enough to print. */
function elementCount(dims: readonly number[]): number {
  let count = 1
  for (const size of dims) count *= Math.max(0, size)
  return Math.min(count, Number.MAX_SAFE_INTEGER)
}

function readLocation(file: WireFile, span: Span): string | null {
  let key = ''
  let value: string | null = null
  for (const field of readSpans(file, span)) {
    if (field.number === ENTRY.key) key = readSpan(file, field.span, 20).toString('utf8')
    if (field.number === ENTRY.value) value = readSpan(file, field.span, MOST_LOCATION_BYTES).toString('utf8')
  }
  return key === 'location' ? value : null
}
