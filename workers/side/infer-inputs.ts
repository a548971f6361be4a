import type { ElementType, InputOverride, InputSpec } from '#contracts/inputs.ts'
import { findMisnamed } from './check-input-names.ts'
import { type DimensionSizes, drawDimensions } from './draw-dimensions.ts'
import { countElements, isElementType, listElementTypes, type TensorValues } from './element-types.ts'
import { fitRecorded, type RecordedSample, type RecordedValue } from './fit-recorded.ts'
import {
  describeInput,
  describeSignature,
  findBatchDimension,
  isDynamic,
  type ModelInput,
  shapeFits,
  type TensorInput
} from './model-input.ts'
import {
  type GeneratedValues,
  type NumericType,
  planValues,
  type Refusal,
  refuse,
  refuseStrings,
  type ValuesPlan
} from './plan-values.ts'

/** What will be fed to one input in one sample. */
export type PlannedInput = GeneratedInput | RecordedInput

export interface GeneratedInput {
  readonly name: string
  readonly type: NumericType
  readonly shape: readonly number[]
  readonly values: GeneratedValues
}

export interface RecordedInput {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly values: { readonly kind: 'recorded'; readonly elements: TensorValues }
}

export function isGenerated(input: PlannedInput): input is GeneratedInput {
  return input.values.kind !== 'recorded'
}

/** In the model's order. */
export type PlannedSample = readonly PlannedInput[]

export type InputPlan = { readonly ok: true; readonly samples: readonly PlannedSample[] } | Refusal

/** Largest number of elements of all samples of one case together: 256 MiB of float32. */
export const MAX_INPUT_ELEMENTS = 67_108_864
/** What all samples of one case are planned from. */
interface Planning {
  readonly modelInputs: readonly ModelInput[]
  readonly spec: InputSpec
  /** Name of the batch dimension, or null. */
  readonly batch: string | null
  readonly batchSize: number
  readonly valuesOf: (name: string, type: NumericType) => ValuesPlan
}

/**
 * Decides what to feed to a model: from its own metadata, with the configured sizes, shapes and values on top, and with
 * recorded samples in place of generated ones.
 *
 * A dynamic dimension gets its size from the recorded inputs of the same sample, else from `dims`, both by its name, else
 * 1; `overrides.<input>.shape` replaces a whole shape. The batch size multiplies the batch dimension of each input, which
 * is found by {@link findBatchDimension} on the model's own shape, whether or not the size comes from an override.
 *
 * @param recorded none: `spec.samples` samples are generated
 */
export function inferInputs(
  modelInputs: readonly ModelInput[],
  spec: InputSpec,
  batchSize: number,
  recorded: readonly RecordedSample[] = []
): InputPlan {
  const misnamed = findMisnamed(modelInputs, spec, recorded)
  if (misnamed !== null) return misnamed
  const batch = findBatchDimension(modelInputs)
  if (batchSize > 1 && batch === null) return noBatchDimension(modelInputs)
  const planning = { modelInputs, spec, batch, batchSize, valuesOf: rememberValues(spec) }
  const sources = recorded.length > 0 ? recorded : Array.from({ length: spec.samples }, () => NOTHING_RECORDED)
  const dimensions = drawDimensions(spec, sources.length)
  const samples: PlannedSample[] = []
  for (const [index, source] of sources.entries()) {
    const outcome = planSample(planning, source, dimensions[index] ?? new Map())
    if (!outcome.ok) return outcome
    samples.push(outcome.inputs)
  }
  return findTooLarge(samples) ?? { ok: true, samples }
}

const NOTHING_RECORDED: RecordedSample = new Map()

/** Tensors that are alike in several samples are made once, and count once. */
function findTooLarge(samples: readonly PlannedSample[]): Refusal | null {
  const shared = new Set<string>()
  let elements = 0
  for (const input of samples.flat()) {
    const key = input.values.kind === 'constant' ? sharedTensorKey(input) : null
    if (key !== null && shared.has(key)) continue
    if (key !== null) shared.add(key)
    elements += countElements(input.shape)
    if (elements > MAX_INPUT_ELEMENTS) return tooManyElements(input, samples.length)
  }
  return null
}

/** The same for tensors of one input that are alike in several samples. */
export function sharedTensorKey({ name, shape }: Pick<PlannedInput, 'name' | 'shape'>): string {
  return JSON.stringify([name, shape])
}

function rememberValues(spec: InputSpec): Planning['valuesOf'] {
  const plans = new Map<string, ValuesPlan>()
  return (name, type) => {
    const known = plans.get(name)
    if (known !== undefined) return known
    const plan = planValues(name, type, overrideOf(spec, name))
    plans.set(name, plan)
    return plan
  }
}

function planSample(
  planning: Planning,
  recorded: RecordedSample,
  drawn: DimensionSizes
): { readonly ok: true; readonly inputs: PlannedSample } | Refusal {
  const sizes = new Map([...drawn, ...recordedSizes(planning.modelInputs, recorded)])
  const inputs: PlannedInput[] = []
  for (const input of planning.modelInputs) {
    const outcome = planInput(planning, input, recorded.get(input.name), sizes)
    if (!outcome.ok) return outcome
    inputs.push(outcome.input)
  }
  return { ok: true, inputs }
}

/** What the recorded inputs of a sample tell of the dimensions that have a name; the first input that has one counts. */
function recordedSizes(modelInputs: readonly ModelInput[], recorded: RecordedSample): DimensionSizes {
  const sizes = new Map<string, number>()
  for (const input of modelInputs) {
    const value = recorded.get(input.name)
    if (value === undefined || !input.isTensor) continue
    for (const [axis, dimension] of input.shape.entries()) {
      const size = value.shape[axis]
      if (isDynamic(dimension) && dimension !== '' && size !== undefined && !sizes.has(dimension)) {
        sizes.set(dimension, size)
      }
    }
  }
  return sizes
}

function planInput(
  planning: Planning,
  input: ModelInput,
  recorded: RecordedValue | undefined,
  sizes: DimensionSizes
): { readonly ok: true; readonly input: PlannedInput } | Refusal {
  const { spec, batch, batchSize, valuesOf } = planning
  if (!input.isTensor) {
    return refuse(`Input \`${input.name}\` is not a tensor (a sequence, map or optional value).`, supportedTypes())
  }
  const { name, type } = input
  if (!isElementType(type)) return unknownType(name, type)
  const axis = batchSize > 1 && batch !== null ? input.shape.indexOf(batch) : -1
  if (recorded !== undefined) {
    const fitted = fitRecorded({ ...input, type }, recorded, { axis, times: batchSize })
    if (!fitted.ok) return fitted
    return {
      ok: true,
      input: { name, type, shape: fitted.shape, values: { kind: 'recorded', elements: fitted.elements } }
    }
  }
  if (type === 'string') return refuseStrings(name)
  const plan = valuesOf(name, type)
  if (!plan.ok) return plan
  const shape = overrideOf(spec, name)?.shape ?? input.shape.map((dimension) => sizeOf(dimension, sizes))
  if (!shapeFits(input.shape, shape)) return wrongShape(input, shape)
  const size = shape[axis]
  const batched = size === undefined ? shape : shape.with(axis, size * batchSize)
  return { ok: true, input: { name, type, shape: batched, values: plan.values } }
}

function overrideOf(spec: InputSpec, name: string): InputOverride | undefined {
  return Object.hasOwn(spec.overrides, name) ? spec.overrides[name] : undefined
}

function sizeOf(dimension: number | string, sizes: DimensionSizes): number {
  return typeof dimension === 'number' ? dimension : (sizes.get(dimension) ?? 1)
}

function noBatchDimension(modelInputs: readonly ModelInput[]): Refusal {
  return refuse(
    `The offline scenario needs a model that takes batches, and no input of this one has a dynamic leading dimension: ${describeSignature(modelInputs)}.`,
    'Export the model with a dynamic batch dimension, or leave the offline scenario out for it.'
  )
}

function wrongShape(input: TensorInput, shape: readonly number[]): Refusal {
  return refuse(
    `The shape [${shape.join(', ')}] is set for input \`${input.name}\`, and the model takes ${describeInput(input)}.`,
    `Give \`shapes.${input.name}\` one size for each of the model's dimensions, and the model's own where it is a number.`
  )
}

function tooManyElements({ name, shape }: PlannedInput, samples: number): Refusal {
  const carrier = samples === 1 ? 'one request' : `the ${samples} samples together`
  return refuse(
    `With input \`${name}\` of shape [${shape.join(', ')}] ${carrier} would carry more than ${MAX_INPUT_ELEMENTS} elements.`,
    `Make the shape, a dimension${samples === 1 ? '' : ', the number of samples'} or the batch size smaller.`
  )
}

function unknownType(name: string, type: string): Refusal {
  return refuse(`Input \`${name}\` has the element type ${type}, which cannot be fed.`, supportedTypes())
}

function supportedTypes(): string {
  return `Supported are tensors of ${listElementTypes()}.`
}
