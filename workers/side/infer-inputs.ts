import type { ELEMENT_TYPES, InputSpec } from '#contracts/inputs.ts'

export type ElementType = (typeof ELEMENT_TYPES)[number]

/** One model input as ONNX Runtime describes it. A dynamic dimension is a string: its name, or empty. */
export type ModelInput =
  | { readonly name: string; readonly isTensor: false }
  | {
      readonly name: string
      readonly isTensor: true
      readonly type: string
      readonly shape: readonly (number | string)[]
    }

/** What will be fed to one input. */
export interface PlannedInput {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly number[]
  /** Every element, or null when the values are generated. */
  readonly value: number | null
}

export type InputPlan =
  | { readonly ok: true; readonly inputs: readonly PlannedInput[] }
  | { readonly ok: false; readonly message: string; readonly hint: string }

/** Smallest and largest value of each type; null where any finite number will do. */
const RANGES: Readonly<Record<ElementType, readonly [lowest: number, highest: number] | null>> = {
  float32: null,
  float64: null,
  float16: null,
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  int32: [-2_147_483_648, 2_147_483_647],
  uint32: [0, 4_294_967_295],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  bool: [0, 1],
  string: null
}

/** Largest number of elements of all inputs of one case together: 256 MiB of float32. */
export const MAX_INPUT_ELEMENTS = 67_108_864

const BATCH_NAMES: ReadonlySet<string> = new Set(['batch', 'batch_size', 'batchsize', 'n'])

/**
 * Decides what to feed to a model: from its own metadata, with the configured sizes, shapes and values on top.
 *
 * A dynamic dimension gets its size from `dims` by its name, else 1; `overrides.<input>.shape` replaces a whole shape.
 * The batch size multiplies the batch dimension of each input, which is found by {@link findBatchDimension} on the
 * model's own shape, whether or not the size comes from an override.
 */
export function inferInputs(modelInputs: readonly ModelInput[], spec: InputSpec, batchSize: number): InputPlan {
  const misnamed = findMisnamed(modelInputs, spec)
  if (misnamed !== null) return misnamed
  const batch = findBatchDimension(modelInputs)
  if (batchSize > 1 && batch === null) return noBatchDimension(modelInputs)
  const planned: PlannedInput[] = []
  let elements = 0
  for (const input of modelInputs) {
    const outcome = planInput(input, spec)
    if (!outcome.ok) return outcome
    const batched = multiplyBatch(input, outcome.input, batch, batchSize)
    if (batched === null) return overrideTooShort(outcome.input)
    elements += batched.shape.reduce((product, size) => product * size, 1)
    if (elements > MAX_INPUT_ELEMENTS) return tooManyElements(batched)
    planned.push(batched)
  }
  return { ok: true, inputs: planned }
}

/** Null when the shape to be fed has no place for the batch dimension. */
function multiplyBatch(
  input: ModelInput,
  planned: PlannedInput,
  batch: string | null,
  batchSize: number
): PlannedInput | null {
  if (batchSize === 1 || batch === null || !input.isTensor) return planned
  const axis = input.shape.indexOf(batch)
  if (axis < 0) return planned
  const size = planned.shape[axis]
  return size === undefined ? null : { ...planned, shape: planned.shape.with(axis, size * batchSize) }
}

/**
 * Name of the dynamic dimension that is the batch, or null when the model has none.
 *
 * A dimension named batch, batch_size, batchsize or N (in any case) is it, wherever it stands. Otherwise it is the
 * leading dimension of the first input, in the model's order, whose leading dimension is dynamic. In each input the
 * first dimension of that name is multiplied. Without a name (the name is then empty), that is each input's first
 * unnamed dynamic dimension: for Silero VAD v5, axis 0 of `input` ["", ""] and axis 1 of `state` [2, "", 128].
 */
export function findBatchDimension(modelInputs: readonly ModelInput[]): string | null {
  const shapes = modelInputs.flatMap((input) => (input.isTensor ? [input.shape] : []))
  const named = shapes.flat().find((dimension) => isDynamic(dimension) && BATCH_NAMES.has(dimension.toLowerCase()))
  const batch = named ?? shapes.map((shape) => shape[0]).find(isDynamic)
  return isDynamic(batch) ? batch : null
}

function isDynamic(dimension: number | string | undefined): dimension is string {
  return typeof dimension === 'string'
}

/** `input: float32[batch, 512], sr: int64[]`, with `?` for a dynamic dimension that has no name. */
export function describeSignature(modelInputs: readonly ModelInput[]): string {
  return modelInputs.map(describeInput).join(', ')
}

function describeInput(input: ModelInput): string {
  if (!input.isTensor) return `${input.name}: not a tensor`
  return `${input.name}: ${input.type}[${input.shape.map((size) => (size === '' ? '?' : size)).join(', ')}]`
}

function planInput(
  input: ModelInput,
  spec: InputSpec
): { readonly ok: true; readonly input: PlannedInput } | Extract<InputPlan, { ok: false }> {
  if (!input.isTensor) {
    return refuse(`Input \`${input.name}\` is not a tensor (a sequence, map or optional value).`, supportedTypes())
  }
  if (!isElementType(input.type)) {
    return refuse(`Input \`${input.name}\` has the element type ${input.type}, which cannot be fed.`, supportedTypes())
  }
  const override = Object.hasOwn(spec.overrides, input.name) ? spec.overrides[input.name] : undefined
  const value = override?.value ?? null
  const range = RANGES[input.type]
  if (value !== null && range !== null && (!Number.isInteger(value) || value < range[0] || value > range[1])) {
    return refuse(
      `Input \`${input.name}\` is ${input.type}, and ${value} is not a value of that type.`,
      `Set overrides.${input.name}.value to an integer from ${range[0]} to ${range[1]}.`
    )
  }
  const shape = override?.shape ?? input.shape.map((dimension) => sizeOf(dimension, spec))
  return { ok: true, input: { name: input.name, type: input.type, shape, value } }
}

function sizeOf(dimension: number | string, spec: InputSpec): number {
  if (typeof dimension === 'number') return dimension
  const size = Object.hasOwn(spec.dims, dimension) ? spec.dims[dimension] : undefined
  return (typeof size === 'object' ? size.choices[0] : size) ?? 1
}

/** A misspelt name would otherwise be ignored, and something else than intended would be measured. */
function findMisnamed(modelInputs: readonly ModelInput[], spec: InputSpec): InputPlan | null {
  const names = new Set(modelInputs.map((input) => input.name))
  const wrongInput = Object.keys(spec.overrides).find((name) => !names.has(name))
  if (wrongInput !== undefined) {
    return refuse(
      `The configuration sets the input \`${wrongInput}\`, which the model does not have.`,
      `The model's inputs are ${describeSignature(modelInputs)}.`
    )
  }
  const dimensions = new Set(modelInputs.flatMap((input) => (input.isTensor ? input.shape : [])))
  const wrongDimension = Object.keys(spec.dims).find((name) => !dimensions.has(name))
  if (wrongDimension === undefined) return null
  return refuse(
    `The configuration sets the dimension \`${wrongDimension}\`, which the model does not have.`,
    `The model's inputs are ${describeSignature(modelInputs)}. A dimension shown as ? has no name: give that input a whole shape.`
  )
}

function noBatchDimension(modelInputs: readonly ModelInput[]): InputPlan {
  return refuse(
    `The offline scenario needs a model that takes batches, and no input of this one has a dynamic leading dimension: ${describeSignature(modelInputs)}.`,
    'Export the model with a dynamic batch dimension, or leave the offline scenario out for it.'
  )
}

function overrideTooShort({ name, shape }: PlannedInput): InputPlan {
  return refuse(
    `The shape [${shape.join(', ')}] set for input \`${name}\` has no place for the model's batch dimension.`,
    `Give overrides.${name}.shape as many sizes as the model's input has dimensions.`
  )
}

function tooManyElements({ name, shape }: PlannedInput): InputPlan {
  return refuse(
    `With input \`${name}\` of shape [${shape.join(', ')}] one request would carry more than ${MAX_INPUT_ELEMENTS} elements.`,
    'Make the shape, a dimension or the batch size smaller.'
  )
}

function supportedTypes(): string {
  return `Supported are tensors of ${Object.keys(RANGES).join(', ')}.`
}

function isElementType(type: string): type is ElementType {
  return Object.hasOwn(RANGES, type)
}

function refuse(message: string, hint: string): { ok: false; message: string; hint: string } {
  return { ok: false, message, hint }
}
