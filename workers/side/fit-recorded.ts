import type { ElementType } from '#contracts/inputs.ts'
import { countElements, listElementTypes, type TensorValues } from './element-types.ts'
import { describeInput, shapeFits, type TensorInput } from './model-input.ts'
import { type Refusal, refuse } from './plan-values.ts'
import { readLiterals } from './read-literals.ts'
import { repeatElements } from './repeat-elements.ts'

/** One recorded array: with elements of a type, or as JSON has them, where their type is the model's. */
export type RecordedValue = {
  /** Where it was found, for messages: the file and the array in it. */
  readonly place: string
  readonly shape: readonly number[]
} & (
  | { readonly kind: 'typed'; readonly type: ElementType; readonly elements: TensorValues }
  | { readonly kind: 'literal'; readonly type: string | null; readonly items: readonly unknown[] }
)

/** By input name. */
export type RecordedSample = ReadonlyMap<string, RecordedValue>

export interface FittedValue {
  readonly ok: true
  readonly shape: readonly number[]
  readonly elements: TensorValues
}

/**
 * Holds a recorded array against the input that it is for: the same element type, as many dimensions, fixed ones as the
 * model has them.
 *
 * @param batch the axis of the batch dimension (-1 for none) and how many times the recorded rows are repeated along it
 */
export function fitRecorded(
  input: TensorInput & { readonly type: ElementType },
  recorded: RecordedValue,
  batch: { readonly axis: number; readonly times: number }
): FittedValue | Refusal {
  if (recorded.type !== null && recorded.type !== input.type) return wrongType(input, recorded)
  if (!shapeFits(input.shape, recorded.shape)) {
    return refuse(
      `${describeRecorded(recorded, input)}, and the model takes ${describeInput(input)}.`,
      'Record the array in the shape that the model takes; dimensions shown by a name or ? may have any size.'
    )
  }
  const read =
    recorded.kind === 'typed'
      ? ({ ok: true, elements: recorded.elements } as const)
      : readLiterals(recorded.items, input.type, recorded.place)
  if (!read.ok) return read
  const size = recorded.shape[batch.axis]
  if (size === undefined) return { ok: true, shape: recorded.shape, elements: read.elements }
  const stretch = countElements(recorded.shape.slice(batch.axis))
  return {
    ok: true,
    shape: recorded.shape.with(batch.axis, size * batch.times),
    elements: repeatElements(input.type, read.elements, { stretch, times: batch.times })
  }
}

function wrongType(input: TensorInput, recorded: RecordedValue): Refusal {
  const conversion =
    recorded.kind === 'typed' && input.type !== 'string'
      ? `Convert it before you save it: \`array.astype("${input.type}")\`.`
      : `Give it the type of the model. Types are ${listElementTypes()}.`
  return refuse(
    `${describeRecorded(recorded, input)}, and the model takes ${describeInput(input)}.`,
    `Values are not converted, since that could change them without a word. ${conversion}`
  )
}

function describeRecorded({ place, type, shape }: RecordedValue, input: TensorInput): string {
  return `${place} has ${type ?? input.type}[${shape.join(', ')}]`
}
