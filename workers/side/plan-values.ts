import type { Distribution, ElementType, InputOverride } from '#contracts/inputs.ts'
import { NUMBER_TYPES } from './element-types.ts'
import { MAX_NORMAL_DRAW } from './random-numbers.ts'

/** How the elements of a generated tensor come about. */
export type GeneratedValues =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'drawn'; readonly distribution: Exclude<Distribution, { kind: 'zeros' }> }

export type Refusal = { readonly ok: false; readonly message: string; readonly hint: string }
export type ValuesPlan = { readonly ok: true; readonly values: GeneratedValues } | Refusal

/** More different whole numbers than this are not drawn from: a generator of 53 bits would miss some. */
const MAX_INTEGERS = 2 ** 53

const STANDARD_NORMAL = { kind: 'normal', mean: 0, sd: 1 } as const

/**
 * Decides how one input's elements are generated: as configured, else N(0, 1) for floats and zeros for the rest.
 *
 * Whatever the type could not hold is refused. It would become infinite, be cut off or wrap around, and something else
 * than what was asked for would be measured.
 */
export function planValues(name: string, type: NumericType, override: InputOverride = {}): ValuesPlan {
  const { value, distribution } = override
  if (value !== undefined && distribution !== undefined) {
    return refuse(
      `Input \`${name}\` has both a value and a distribution.`,
      `Keep one: \`values\` or \`random\` of \`${name}\`.`
    )
  }
  if (value !== undefined) return planConstant(name, type, value)
  if (distribution !== undefined) return planDistribution(name, type, distribution)
  return accept(
    NUMBER_TYPES[type].kind === 'float'
      ? { kind: 'drawn', distribution: STANDARD_NORMAL }
      : { kind: 'constant', value: 0 }
  )
}

export type NumericType = Exclude<ElementType, 'string'>

function planConstant(name: string, type: NumericType, value: number): ValuesPlan {
  const { kind, lowest, highest } = NUMBER_TYPES[type]
  const fits = Number.isFinite(value) && value >= lowest && value <= highest
  if (fits && (kind === 'float' || Number.isInteger(value))) return accept({ kind: 'constant', value })
  return refuse(
    `Input \`${name}\` is ${type}, and ${value} is not a value of that type.`,
    `Set \`values.${name}\` to ${rangeOf(type)}.`
  )
}

function planDistribution(name: string, type: NumericType, distribution: Distribution): ValuesPlan {
  switch (distribution.kind) {
    case 'zeros':
      return accept({ kind: 'constant', value: 0 })
    case 'integers':
      return planIntegers(name, type, distribution)
    case 'uniform':
      return planUniform(name, type, distribution)
    case 'normal':
      return planNormal(name, type, distribution)
  }
}

function planIntegers(name: string, type: NumericType, drawn: Extract<Distribution, { kind: 'integers' }>): ValuesPlan {
  const { low, high } = drawn
  const { kind, lowest, highest, highestExact } = NUMBER_TYPES[type]
  const smallest = kind === 'float' ? -highestExact : lowest
  const largest = kind === 'float' ? highestExact : highest
  const asked = `Input \`${name}\` is ${type}, and is to get integers from ${low} to ${high}`
  if (low > high) return refuse(`${asked}, which are none.`, 'Put the smaller number first.')
  if (low < smallest || high > largest) {
    return refuse(`${asked}, which ${type} cannot hold.`, `Stay within ${smallest} to ${largest}.`)
  }
  if (high - low >= MAX_INTEGERS) {
    return refuse(`${asked}, which are more than 2^53 different ones.`, 'Narrow the range, or record samples.')
  }
  return accept({ kind: 'drawn', distribution: drawn })
}

function planUniform(name: string, type: NumericType, drawn: Extract<Distribution, { kind: 'uniform' }>): ValuesPlan {
  const { low, high } = drawn
  const { kind, lowest, highest } = NUMBER_TYPES[type]
  const asked = `Input \`${name}\` is ${type}, and is to get values uniform from ${low} to ${high}`
  if (kind !== 'float') return refuse(`${asked}, which are fractions.`, drawIntegers(type))
  if (low > high) return refuse(`${asked}, which are none.`, 'Put the smaller number first.')
  if (low < lowest || high > highest) {
    return refuse(`${asked}, which ${type} cannot hold.`, `Stay within ${lowest} to ${highest}.`)
  }
  return accept({ kind: 'drawn', distribution: drawn })
}

function planNormal(name: string, type: NumericType, drawn: Extract<Distribution, { kind: 'normal' }>): ValuesPlan {
  const { mean, sd } = drawn
  const { kind, highest } = NUMBER_TYPES[type]
  const asked = `Input \`${name}\` is ${type}, and is to get normal values of mean ${mean} and standard deviation ${sd}`
  if (kind !== 'float') return refuse(`${asked}, which are fractions.`, drawIntegers(type))
  if (Math.abs(mean) + MAX_NORMAL_DRAW * sd > highest) {
    return refuse(`${asked}, some of which ${type} cannot hold.`, `Nothing may get beyond ±${highest}.`)
  }
  return accept({ kind: 'drawn', distribution: drawn })
}

/** Strings come from recorded samples only. */
export function refuseStrings(name: string): Refusal {
  return refuse(
    `Input \`${name}\` has the element type string, and strings are not generated: no text that we made up would stand for yours.`,
    `Record samples for it: \`recorded\`, with a .json file or an array of strings in a .npz file. The types that are generated are ${Object.keys(NUMBER_TYPES).join(', ')}.`
  )
}

function drawIntegers(type: NumericType): string {
  const { lowest, highest } = NUMBER_TYPES[type]
  return `Draw integers instead, from ${lowest} to ${highest} at most.`
}

function rangeOf(type: NumericType): string {
  const { kind, lowest, highest } = NUMBER_TYPES[type]
  return `${kind === 'float' ? 'a number' : 'an integer'} from ${lowest} to ${highest}`
}

function accept(values: GeneratedValues): ValuesPlan {
  return { ok: true, values }
}

export function refuse(message: string, hint: string): Refusal {
  return { ok: false, message, hint }
}
