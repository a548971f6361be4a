/** One model input as ONNX Runtime describes it. A dynamic dimension is a string: its name, or empty. */
export type ModelInput = { readonly name: string; readonly isTensor: false } | TensorInput

export interface TensorInput {
  readonly name: string
  readonly isTensor: true
  readonly type: string
  readonly shape: readonly (number | string)[]
}

const BATCH_NAMES: ReadonlySet<string> = new Set(['batch', 'batch_size', 'batchsize', 'n'])

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

export function isDynamic(dimension: number | string | undefined): dimension is string {
  return typeof dimension === 'string'
}

/**
 * Whether ONNX Runtime would take a tensor of this shape: as many dimensions as the model says, fixed ones as they are. An
 * input without a shape is listed like a scalar, so that an empty shape tells nothing.
 */
export function shapeFits(modelShape: TensorInput['shape'], shape: readonly number[]): boolean {
  if (modelShape.length === 0) return true
  return (
    modelShape.length === shape.length &&
    modelShape.every((dimension, axis) => isDynamic(dimension) || dimension === shape[axis])
  )
}

/** `input: float32[batch, 512], sr: int64[]`, with `?` for a dynamic dimension that has no name. */
export function describeSignature(modelInputs: readonly ModelInput[]): string {
  return modelInputs.map(describeInput).join(', ')
}

export function describeInput(input: ModelInput): string {
  if (!input.isTensor) return `${input.name}: not a tensor`
  return `${input.name}: ${input.type}[${input.shape.map((size) => (size === '' ? '?' : size)).join(', ')}]`
}
