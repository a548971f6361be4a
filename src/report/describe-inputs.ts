import type { DimSpec, Distribution, InputOverride, InputSpec } from '#contracts/inputs.ts'
import { formatCount, formatPlural } from './format-quantity.ts'
import { code, joinList, prose, type RichText } from './rich-text.ts'

/** Names that are told; of more, the number. */
const NAMES_MAX = 4
const CHOICES_MAX = 6

/** `inputs: seq 16, 32 or 64, 8 samples`, or before → after; empty where both sides leave all of it to the model. */
export function describeInputs(before: InputSpec, after: InputSpec): RichText {
  const [left, right] = [describeSpec(before), describeSpec(after)]
  if (JSON.stringify(before) === JSON.stringify(after)) return left === null ? [] : prose`inputs: ${left}`
  const [was, is] = [left ?? INFERRED, right ?? INFERRED]
  // Some differences take too many words, such as those of recorded values.
  if (JSON.stringify(was) === JSON.stringify(is)) return ['inputs differ between the sides']
  return prose`inputs: ${was} → ${is}`
}

const INFERRED: RichText = ['as the model has them']

/** Null where nothing is said of them. */
function describeSpec({ dims, overrides, samples, recorded }: InputSpec): RichText | null {
  const parts: readonly RichText[] = [
    ...listSome(Object.entries(dims), ([name, size]) => prose`${code(name)} ${describeDim(size)}`),
    ...listSome(Object.entries(overrides), ([name, override]) => prose`${code(name)} ${describeOverride(override)}`),
    ...(samples === 1 ? [] : [[formatPlural(samples, 'sample')]]),
    ...describeRecorded(recorded)
  ]
  return parts.length === 0 ? null : joinList(parts, ', ')
}

function listSome<Item>(items: readonly Item[], describe: (item: Item) => RichText): readonly RichText[] {
  const told = items.slice(0, NAMES_MAX).map(describe)
  const more = items.length - told.length
  return more === 0 ? told : [...told, [`${formatCount(more)} more`]]
}

/** `64`, `16, 32 or 64 (weights 1, 2, 1)`. */
function describeDim(size: DimSpec): string {
  if (typeof size === 'number') return String(size)
  const { choices, weights } = size
  const shown = choices.slice(0, CHOICES_MAX)
  const list = choices.length > shown.length ? `${shown.join(', ')} …` : joinChoices(shown)
  return weights.length === 0 ? list : `${list} (weights ${weights.slice(0, CHOICES_MAX).join(', ')})`
}

function joinChoices(choices: readonly number[]): string {
  const last = choices.at(-1)
  return choices.length < 2 ? String(last) : `${choices.slice(0, -1).join(', ')} or ${last}`
}

function describeOverride({ shape, value, distribution }: InputOverride): RichText {
  const parts: readonly RichText[] = [
    ...(shape === undefined ? [] : [[code(`[${shape.join(', ')}]`)]]),
    ...(value === undefined ? [] : [[`all ${value}`]]),
    ...(distribution === undefined ? [] : [[describeDistribution(distribution)]])
  ]
  return parts.length === 0 ? ['as the model has it'] : joinList(parts, ' ')
}

function describeDistribution(distribution: Distribution): string {
  switch (distribution.kind) {
    case 'normal':
      return `normal (mean ${distribution.mean}, sd ${distribution.sd})`
    case 'uniform':
      return `uniform ${distribution.low} to ${distribution.high}`
    case 'integers':
      return `integers ${distribution.low} to ${distribution.high}`
    case 'zeros':
      return 'zeros'
    default:
      return distribution satisfies never
  }
}

function describeRecorded(recorded: InputSpec['recorded']): readonly RichText[] {
  const [first, ...others] = recorded
  if (first === undefined) return []
  const more = others.length === 0 ? '' : ` and ${formatPlural(others.length, 'other file')}`
  return [prose`recorded in ${code(first.path)}${more}`]
}
