import { Tensor } from 'onnxruntime-node'
import type { ElementType, PlannedInput } from './infer-inputs.ts'
import { createRandom, fillNormal, inputSeed } from './random-numbers.ts'

/**
 * Takes Float16Array away from ONNX Runtime: the binding (1.30) reads one as empty ("not enough space: expected 16,
 * got 0"), and falls back to a Uint16Array of half-precision bits where the class is not there. Call it before the first
 * tensor is made.
 *
 * @returns numbers → bits of the nearest half-precision numbers
 */
export function claimHalfPrecision(): (values: Float32Array) => Uint16Array {
  const halfArray: unknown = Reflect.get(globalThis, 'Float16Array')
  Reflect.deleteProperty(globalThis, 'Float16Array')
  return (values) => {
    if (typeof halfArray !== 'function') throw new Error('This Node.js has no Float16Array: use Node.js 24 or newer.')
    const halves: unknown = Reflect.construct(halfArray, [values])
    if (!ArrayBuffer.isView(halves)) throw new Error('Float16Array did not make an array.')
    return new Uint16Array(halves.buffer, halves.byteOffset, values.length)
  }
}

/** Makes the tensor that is fed to one input in every request: the configured value, else N(0, 1) or zeros. */
export function generateTensor(
  planned: PlannedInput,
  seed: number,
  toHalves: (values: Float32Array) => Uint16Array
): Tensor {
  const { name, type, value } = planned
  const shape = [...planned.shape]
  const length = shape.reduce((product, size) => product * size, 1)
  const fill = <Values extends Float32Array | Float64Array>(values: Values): Values => {
    if (value === null) fillNormal(values, createRandom(inputSeed(seed, name)))
    else values.fill(value)
    return values
  }
  switch (type) {
    case 'float32':
      return new Tensor(type, fill(new Float32Array(length)), shape)
    case 'float64':
      return new Tensor(type, fill(new Float64Array(length)), shape)
    case 'float16':
      return new Tensor(type, toHalves(fill(new Float32Array(length))), shape)
    case 'int64':
      return new Tensor(type, new BigInt64Array(length).fill(BigInt(value ?? 0)), shape)
    case 'uint64':
      return new Tensor(type, new BigUint64Array(length).fill(BigInt(value ?? 0)), shape)
    case 'string':
      return new Tensor(type, new Array<string>(length).fill(''), shape)
    default:
      return integerTensor(type, length, value ?? 0, shape)
  }
}

type SmallInteger = Exclude<ElementType, 'float32' | 'float64' | 'float16' | 'int64' | 'uint64' | 'string'>

function integerTensor(type: SmallInteger, length: number, value: number, shape: readonly number[]): Tensor {
  switch (type) {
    case 'int8':
      return new Tensor(type, new Int8Array(length).fill(value), shape)
    case 'uint8':
      return new Tensor(type, new Uint8Array(length).fill(value), shape)
    case 'int16':
      return new Tensor(type, new Int16Array(length).fill(value), shape)
    case 'uint16':
      return new Tensor(type, new Uint16Array(length).fill(value), shape)
    case 'int32':
      return new Tensor(type, new Int32Array(length).fill(value), shape)
    case 'uint32':
      return new Tensor(type, new Uint32Array(length).fill(value), shape)
    case 'bool':
      return new Tensor(type, new Uint8Array(length).fill(value), shape)
  }
}
