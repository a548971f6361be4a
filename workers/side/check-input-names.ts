import type { InputSpec } from '#contracts/inputs.ts'
import type { RecordedSample } from './fit-recorded.ts'
import { describeSignature, type ModelInput } from './model-input.ts'
import { type Refusal, refuse } from './plan-values.ts'

/** Of one model, and of the shape of one of them: what a report of them may hold. */
const MAX_INPUTS = 2000
const MAX_RANK = 32

/**
 * Finds what a configuration or a recording names and the model does not have. It would otherwise be ignored, and something
 * else than intended would be measured.
 */
export function findMisnamed(
  modelInputs: readonly ModelInput[],
  spec: InputSpec,
  recorded: readonly RecordedSample[]
): Refusal | null {
  return findTooMany(modelInputs) ?? findMisnamedKey(modelInputs, spec) ?? findUnknownRecording(modelInputs, recorded)
}

function findTooMany(modelInputs: readonly ModelInput[]): Refusal | null {
  if (modelInputs.length > MAX_INPUTS) {
    return refuse(
      `The model has ${modelInputs.length} inputs, more than ${MAX_INPUTS}.`,
      'Use a model with fewer inputs.'
    )
  }
  const deep = modelInputs.find((input) => input.isTensor && input.shape.length > MAX_RANK)
  if (deep === undefined) return null
  return refuse(`Input \`${deep.name}\` has more than ${MAX_RANK} dimensions.`, 'Use a model with fewer dimensions.')
}

function findMisnamedKey(modelInputs: readonly ModelInput[], spec: InputSpec): Refusal | null {
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

function findUnknownRecording(modelInputs: readonly ModelInput[], recorded: readonly RecordedSample[]): Refusal | null {
  const names = new Set(modelInputs.map((input) => input.name))
  for (const sample of recorded) {
    for (const [name, { place }] of sample) {
      if (names.has(name)) continue
      return refuse(
        `${place} is for the input \`${name}\`, which the model does not have.`,
        `The model's inputs are ${describeSignature(modelInputs)}. Name each array after its input: \`numpy.savez(path, **{name: array})\`.`
      )
    }
  }
  return null
}
