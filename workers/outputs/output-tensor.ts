import type { ElementType } from '#contracts/inputs.ts'
import type { ElementValue } from '#contracts/outputs.ts'
import type { NumberValues } from '#workers/side/element-types.ts'
import { halfTable, readHalf } from './read-half.ts'

type BigintArray = BigInt64Array | BigUint64Array

/** One output of one run. Half-precision values come as the bits of each, booleans as 0 and 1. */
export type OutputTensor =
  | {
      readonly name: string
      readonly type: Exclude<ElementType, 'int64' | 'uint64' | 'string'>
      readonly dims: readonly number[]
      readonly values: NumberValues
    }
  | {
      readonly name: string
      readonly type: 'int64' | 'uint64'
      readonly dims: readonly number[]
      readonly values: BigintArray
    }
  | {
      readonly name: string
      readonly type: 'string'
      readonly dims: readonly number[]
      readonly values: readonly string[]
    }
export type NumericTensor = Exclude<OutputTensor, { type: 'string' }>
export type BigintTensor = Extract<OutputTensor, { type: 'int64' | 'uint64' }>

/** What one sample gave on one side. */
export interface SampleRun {
  readonly outputs: readonly OutputTensor[]
  /** The ids that `generate` decoded; null in other scenarios. */
  readonly tokens: readonly number[] | null
}

/** Longest text of one element that a report gets. */
const SHOWN_TEXT_LENGTH = 200
const CHUNK_ELEMENTS = 8192

export function isNumeric(tensor: OutputTensor): tensor is NumericTensor {
  return tensor.type !== 'string'
}

/** Integers of 64 bits, which need a BigInt each. */
export function isBigint(tensor: OutputTensor): tensor is BigintTensor {
  return tensor.type === 'int64' || tensor.type === 'uint64'
}

/**
 * Goes through two tensors of the same length side by side, a few thousand elements at a time, so that nothing as large as
 * an output is ever converted at once. Elements are numbers from then on: 64-bit integers are rounded.
 *
 * @param visit gets two buffers that are used again for the next chunk, how many elements they hold, and the first one's index
 */
export function visitPairs(
  left: NumericTensor,
  right: NumericTensor,
  visit: (left: Float64Array, right: Float64Array, count: number, start: number) => void
): void {
  const total = Math.min(left.values.length, right.values.length)
  const leftChunk = new Float64Array(Math.min(CHUNK_ELEMENTS, total))
  const rightChunk = new Float64Array(Math.min(CHUNK_ELEMENTS, total))
  for (let start = 0; start < total; start += CHUNK_ELEMENTS) {
    const count = Math.min(CHUNK_ELEMENTS, total - start)
    readChunk(left, start, count, leftChunk)
    readChunk(right, start, count, rightChunk)
    visit(leftChunk, rightChunk, count, start)
  }
}

function readChunk(tensor: NumericTensor, start: number, count: number, into: Float64Array): void {
  if (isBigint(tensor)) {
    const { low, high } = halvesOf(tensor)
    for (let index = 0; index < count; index += 1) {
      const place = 2 * (start + index)
      into[index] = (high[place + 1] ?? 0) * HIGH_UNIT + (low[place] ?? 0)
    }
  } else if (tensor.type === 'float16') {
    const table = halfTable()
    const bits = tensor.values
    for (let index = 0; index < count; index += 1) into[index] = table[bits[start + index] ?? 0] ?? Number.NaN
  } else {
    into.set(tensor.values.subarray(start, start + count))
  }
}

/** What one of the high half counts. */
export const HIGH_UNIT = 2 ** 32

/**
 * 64-bit integers by their halves (the low one at even places, the high one at odd ones): arithmetic on BigInt takes some
 * ten times as long.
 */
export function halvesOf({ type, values }: BigintTensor): {
  readonly low: Uint32Array
  readonly high: Int32Array | Uint32Array
} {
  const { buffer, byteOffset, length } = values
  const low = new Uint32Array(buffer, byteOffset, 2 * length)
  return { low, high: type === 'int64' ? new Int32Array(buffer, byteOffset, 2 * length) : low }
}

/** One element, for a report. */
export function readElement(tensor: OutputTensor, flatIndex: number): ElementValue {
  if (tensor.type === 'string') {
    return { kind: 'text', text: (tensor.values[flatIndex] ?? '').slice(0, SHOWN_TEXT_LENGTH) }
  }
  if (isBigint(tensor)) {
    return { kind: 'integer', digits: String(tensor.values[flatIndex] ?? 0n) }
  }
  const raw = tensor.values[flatIndex] ?? 0
  const value = tensor.type === 'float16' ? readHalf(raw) : raw
  if (Number.isNaN(value)) return { kind: 'nan' }
  if (!Number.isFinite(value)) return { kind: 'infinity', negative: value < 0 }
  return { kind: 'number', value }
}

/** The place of an element in each dimension, the last one counting fastest. */
export function unravelIndex(flatIndex: number, dims: readonly number[]): number[] {
  let rest = flatIndex
  return dims
    .toReversed()
    .map((size) => {
      const position = size === 0 ? 0 : rest % size
      rest = size === 0 ? 0 : Math.floor(rest / size)
      return position
    })
    .toReversed()
}
