import type { ElementType } from '#contracts/inputs.ts'

export type NumberValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array

/** Elements of a tensor in the form that ONNX Runtime takes: float16 as its bits in a Uint16Array, bool as bytes. */
export type TensorValues = NumberValues | BigInt64Array | BigUint64Array | readonly string[]

interface NumberType {
  readonly kind: 'float' | 'integer' | 'bool'
  /** Of what fits; finite numbers beyond it would become infinite, or wrap around. */
  readonly lowest: number
  readonly highest: number
  /** Up to here every whole number is one of the type's values. */
  readonly highestExact: number
}

const FLOAT16_MAX = 65_504
const FLOAT32_MAX = 3.402_823_466_385_288_6e38

/** What each type can hold; the two of 64 bits as far as numbers of JavaScript go. Strings are no numbers. */
export const NUMBER_TYPES: Readonly<Record<Exclude<ElementType, 'string'>, NumberType>> = {
  float32: { kind: 'float', lowest: -FLOAT32_MAX, highest: FLOAT32_MAX, highestExact: 2 ** 24 },
  float64: { kind: 'float', lowest: -Number.MAX_VALUE, highest: Number.MAX_VALUE, highestExact: 2 ** 53 },
  float16: { kind: 'float', lowest: -FLOAT16_MAX, highest: FLOAT16_MAX, highestExact: 2 ** 11 },
  int8: integer(-128, 127),
  uint8: integer(0, 255),
  int16: integer(-32_768, 32_767),
  uint16: integer(0, 65_535),
  int32: integer(-2_147_483_648, 2_147_483_647),
  uint32: integer(0, 4_294_967_295),
  int64: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  uint64: integer(0, Number.MAX_SAFE_INTEGER),
  bool: { kind: 'bool', lowest: 0, highest: 1, highestExact: 1 }
}

/** Types that tensors can have. onnxruntime-node lists inputs of int4 and uint4 too, and refuses tensors of them. */
export function isElementType(type: string): type is ElementType {
  return type === 'string' || Object.hasOwn(NUMBER_TYPES, type)
}

/** All of them, for messages. */
export function listElementTypes(): string {
  return [...Object.keys(NUMBER_TYPES), 'string'].join(', ')
}

/** How many elements a tensor of this shape has. */
export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** Types whose elements are numbers of JavaScript in ONNX Runtime's arrays. */
export type PlainNumberType = Exclude<ElementType, 'string' | 'int64' | 'uint64'>

/** Zeros or false. */
export function allocateNumbers(type: PlainNumberType, length: number): NumberValues {
  switch (type) {
    case 'float32':
      return new Float32Array(length)
    case 'float64':
      return new Float64Array(length)
    case 'float16':
    case 'uint16':
      return new Uint16Array(length)
    case 'int8':
      return new Int8Array(length)
    case 'uint8':
    case 'bool':
      return new Uint8Array(length)
    case 'int16':
      return new Int16Array(length)
    case 'int32':
      return new Int32Array(length)
    case 'uint32':
      return new Uint32Array(length)
  }
}

/** The elements as bytes, without a copy. */
export function bytesOf(elements: ArrayBufferView): Uint8Array {
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)
}

/** A tensor's own array for elements whose bytes are known. */
export function allocateElements(
  type: Exclude<ElementType, 'string'>,
  length: number
): NumberValues | BigInt64Array | BigUint64Array {
  if (type === 'int64') return new BigInt64Array(length)
  return type === 'uint64' ? new BigUint64Array(length) : allocateNumbers(type, length)
}

function integer(lowest: number, highest: number): NumberType {
  return { kind: 'integer', lowest, highest, highestExact: highest }
}
