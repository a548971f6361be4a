import type { ElementType } from '#contracts/inputs.ts'
import { allocateNumbers, countElements, type NumberValues, type TensorValues } from './element-types.ts'
import { toHalves } from './half-precision.ts'
import type { GeneratedValues } from './plan-values.ts'
import { createRandom, drawFraction, fillNormal } from './random-numbers.ts'

export interface TensorToGenerate {
  readonly type: Exclude<ElementType, 'string'>
  readonly shape: readonly number[]
  readonly values: GeneratedValues
  /** Of {@link inputSeed}; values that are all the same need none. */
  readonly seed: number
}

/** Makes the elements of one generated tensor. What {@link planValues} accepted fits its type. */
export function generateValues({ type, shape, values, seed }: TensorToGenerate): TensorValues {
  const length = countElements(shape)
  switch (type) {
    case 'float16':
      return toHalves(fill(new Float32Array(length), values, seed))
    case 'int64':
      return fillBig(new BigInt64Array(length), values, seed)
    case 'uint64':
      return fillBig(new BigUint64Array(length), values, seed)
    default:
      return fill(allocateNumbers(type, length), values, seed)
  }
}

function fill<Values extends NumberValues>(array: Values, values: GeneratedValues, seed: number): Values {
  if (values.kind === 'constant') {
    array.fill(values.value)
    return array
  }
  const { distribution } = values
  if (distribution.kind === 'normal') fillScaledNormal(array, distribution, seed)
  else fillEach(array, drawNumber(distribution, createRandom(seed)))
  return array
}

/** Draws N(0, 1) in the array's own precision, so that these stay the values they always were. */
function fillScaledNormal(
  array: NumberValues,
  { mean, sd }: { readonly mean: number; readonly sd: number },
  seed: number
): void {
  fillNormal(array, createRandom(seed))
  if (mean === 0 && sd === 1) return
  for (let index = 0; index < array.length; index += 1) array[index] = mean + sd * (array[index] ?? 0)
}

function fillEach(array: NumberValues, draw: () => number): void {
  for (let index = 0; index < array.length; index += 1) array[index] = draw()
}

function fillBig(
  array: BigInt64Array | BigUint64Array,
  values: GeneratedValues,
  seed: number
): BigInt64Array | BigUint64Array {
  if (values.kind === 'constant') return array.fill(BigInt(values.value))
  // Normal values are fractions, which no integer type is planned to get.
  if (values.distribution.kind === 'normal') return array
  const draw = drawNumber(values.distribution, createRandom(seed))
  for (let index = 0; index < array.length; index += 1) array[index] = BigInt(draw())
  return array
}

type Bounds = { readonly kind: 'uniform' | 'integers'; readonly low: number; readonly high: number }

function drawNumber({ kind, low, high }: Bounds, random: () => number): () => number {
  if (kind === 'integers') {
    const count = high - low + 1
    return () => low + Math.floor(drawFraction(random) * count)
  }
  return () => {
    const place = drawFraction(random)
    // Not low + (high - low) · place: the difference of two large numbers overflows.
    return low * (1 - place) + high * place
  }
}
