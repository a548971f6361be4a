import type { ElementType } from '#contracts/inputs.ts'
import { allocateNumbers, NUMBER_TYPES, type PlainNumberType, type TensorValues } from './element-types.ts'
import { toHalves } from './half-precision.ts'
import { type Refusal, refuse } from './plan-values.ts'

export type ReadLiterals = { readonly ok: true; readonly elements: TensorValues } | Refusal

/** JSON has no numbers for these. */
const SPECIAL_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY
}

const BIG_RANGES = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n]
} as const

/** Turns values from JSON into elements of one type. What the type cannot hold is refused, with its place. */
export function readLiterals(items: readonly unknown[], type: ElementType, place: string): ReadLiterals {
  const at = { items, type, place }
  switch (type) {
    case 'string':
      return readEach(at, readString, (texts) => texts)
    case 'int64':
      return readEach(at, (item) => readBig(item, type), BigInt64Array.from.bind(BigInt64Array))
    case 'uint64':
      return readEach(at, (item) => readBig(item, type), BigUint64Array.from.bind(BigUint64Array))
    case 'float16':
      return readEach(at, readFloat(type), (numbers) => toHalves(Float32Array.from(numbers)))
    case 'float32':
    case 'float64':
      return readEach(at, readFloat(type), (numbers) => toArray(type, numbers))
    default:
      return readEach(at, readInteger(type), (numbers) => toArray(type, numbers))
  }
}

interface Literals {
  readonly items: readonly unknown[]
  readonly type: ElementType
  readonly place: string
}

/** @param read the element, or null where it is none of the type */
function readEach<Element>(
  { items, type, place }: Literals,
  read: (item: unknown) => Element | null,
  collect: (elements: readonly Element[]) => TensorValues
): ReadLiterals {
  const elements: Element[] = []
  for (const [index, item] of items.entries()) {
    const element = read(item)
    if (element === null) return refuseItem(item, index, type, place)
    elements.push(element)
  }
  return { ok: true, elements: collect(elements) }
}

function toArray(type: PlainNumberType, numbers: readonly number[]): TensorValues {
  const array = allocateNumbers(type, numbers.length)
  array.set(numbers)
  return array
}

function readString(item: unknown): string | null {
  return typeof item === 'string' ? item : null
}

function readFloat(type: 'float16' | 'float32' | 'float64'): (item: unknown) => number | null {
  const { lowest, highest } = NUMBER_TYPES[type]
  return (item) => {
    if (typeof item === 'string') return Object.hasOwn(SPECIAL_NUMBERS, item) ? (SPECIAL_NUMBERS[item] ?? null) : null
    return typeof item === 'number' && item >= lowest && item <= highest ? item : null
  }
}

function readInteger(type: Exclude<PlainNumberType, 'float16' | 'float32' | 'float64'>) {
  const { kind, lowest, highest } = NUMBER_TYPES[type]
  return (item: unknown): number | null => {
    if (typeof item === 'boolean') return kind === 'bool' ? Number(item) : null
    return typeof item === 'number' && Number.isInteger(item) && item >= lowest && item <= highest ? item : null
  }
}

/** Beyond 2^53 a number of JSON may be another one than was written, so that larger ones are taken as text only. */
function readBig(item: unknown, type: keyof typeof BIG_RANGES): bigint | null {
  const isExact = Number.isSafeInteger(item) || (typeof item === 'string' && /^-?\d{1,20}$/.test(item))
  if (!isExact || (typeof item !== 'number' && typeof item !== 'string')) return null
  const value = BigInt(item)
  const [lowest, highest] = BIG_RANGES[type]
  return value >= lowest && value <= highest ? value : null
}

function refuseItem(item: unknown, index: number, type: ElementType, place: string): Refusal {
  // Not a list or object in full: it may be nested deeper than can be written.
  const shown =
    typeof item === 'object' && item !== null ? 'a list or object' : String(JSON.stringify(item)).slice(0, 60)
  return refuse(`${place}, element ${index + 1}: ${shown} is not a value of ${type}.`, hintFor(type))
}

function hintFor(type: ElementType): string {
  if (type === 'string') return 'Write each element as text in quotes.'
  if (type === 'bool') return 'Write true or false.'
  if (type === 'int64' || type === 'uint64') {
    return 'Write integers; those beyond 2^53 as text ("9007199254740993"), since JSON readers round them.'
  }
  const { kind, lowest, highest } = NUMBER_TYPES[type]
  if (kind === 'integer') return `Write integers from ${lowest} to ${highest}.`
  return `Write numbers from ${lowest} to ${highest}, or "NaN", "Infinity" or "-Infinity".`
}
