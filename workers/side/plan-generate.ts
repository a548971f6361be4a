import { describeSignature, type ModelInput } from './model-input.ts'

/** A key or value cache: what comes out as `output` goes in as `input` with the next token. */
export interface CachePlan {
  readonly input: string
  readonly output: string
  readonly type: 'float32' | 'float16'
  /** Of the empty cache: one sequence, no token yet. */
  readonly shape: readonly number[]
}

export interface IntegerInput {
  readonly name: string
  readonly type: 'int64' | 'int32'
}

/** How a decoder is fed. */
export interface GeneratePlan {
  readonly tokens: IntegerInput
  readonly attentionMask: IntegerInput | null
  readonly positionIds: IntegerInput | null
  /** Of decoders that carry two graphs: true takes the one with a cache. */
  readonly cacheBranch: string | null
  readonly caches: readonly CachePlan[]
  readonly logits: string
  /** Tokens are numbered from 0 to one less than this; null when only an inference can tell. */
  readonly vocabulary: number | null
}

export type GenerateAnswer =
  | { readonly ok: true; readonly plan: GeneratePlan }
  | { readonly ok: false; readonly message: string; readonly hint: string }

/** Names that the configuration gives where the model's own are not the usual ones. */
export interface GenerateNames {
  readonly tokenInput: string | null
  readonly logitsOutput: string | null
}

const TOKEN_INPUT = 'input_ids'
const LOGITS_OUTPUT = 'logits'
const MASK_INPUT = 'attention_mask'
const POSITION_INPUT = 'position_ids'
const BRANCH_INPUT = 'use_cache_branch'
const PAST = /^past(?:_key_values)?(?=[._]|$)/
const PRESENT = /^present(?:_key_values)?(?=[._]|$)/
const BATCH = /batch/i

/**
 * Finds out how to feed a decoder that keeps keys and values, from the names and shapes of its inputs and outputs.
 *
 * Caches are the inputs named `past…`, each with the output that has the same name with `present…`: `past_key_values.0.key`
 * and `present.0.key` (Optimum, onnxruntime-genai), `past_0` and `present_0` (ONNX Runtime's own exporter). Of a cache's
 * dynamic dimensions the one named after the batch, else the first of two, is the batch; the other counts tokens.
 */
export function planGenerate(
  inputs: readonly ModelInput[],
  outputs: readonly ModelInput[],
  names: GenerateNames
): GenerateAnswer {
  try {
    return { ok: true, plan: findPlan(inputs, outputs, names) }
  } catch (error) {
    if (!(error instanceof NoDecoderError)) throw error
    const signature = `The model takes ${describeSignature(inputs)}, and gives ${describeSignature(outputs)}.`
    return { ok: false, message: error.message, hint: `${error.hint} ${signature}` }
  }
}

/** Never leaves this file: finding a plan has many steps, each of which can end it. */
class NoDecoderError extends Error {
  readonly hint: string
  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

function findPlan(
  inputs: readonly ModelInput[],
  outputs: readonly ModelInput[],
  { tokenInput, logitsOutput }: GenerateNames
): GeneratePlan {
  const tokens = findIntegers(inputs, tokenInput ?? TOKEN_INPUT)
  if (tokens === null) {
    throw new NoDecoderError(
      `The generate scenario feeds tokens to the input \`${tokenInput ?? TOKEN_INPUT}\`, which the model does not have.`,
      'Name the input that takes the tokens in token_input.'
    )
  }
  const logits = findLogits(outputs, logitsOutput ?? LOGITS_OUTPUT)
  const attentionMask = findIntegers(inputs, MASK_INPUT)
  const positionIds = findIntegers(inputs, POSITION_INPUT)
  const cacheBranch = inputs.find((input) => input.name === BRANCH_INPUT)?.name ?? null
  const caches = findCaches(inputs, outputs)
  const fed = new Set([
    ...[tokens, attentionMask, positionIds].flatMap((input) => input?.name ?? []),
    ...caches.map((cache) => cache.input),
    cacheBranch
  ])
  const unfed = inputs.find((input) => !fed.has(input.name))
  if (unfed !== undefined) {
    throw new NoDecoderError(
      `The generate scenario does not know what to feed to the input \`${unfed.name}\`.`,
      `It feeds tokens, \`${MASK_INPUT}\`, \`${POSITION_INPUT}\`, \`${BRANCH_INPUT}\` and caches named \`past…\`.`
    )
  }
  return { tokens, attentionMask, positionIds, cacheBranch, caches, ...logits }
}

/** A two-dimensional integer input whose second dimension counts tokens; null when there is none of that name. */
function findIntegers(inputs: readonly ModelInput[], name: string): IntegerInput | null {
  const input = inputs.find((candidate) => candidate.name === name)
  if (input === undefined) return null
  const hint = 'Export the decoder with dynamic numbers of tokens, and token ids as int64 or int32.'
  if (!input.isTensor || (input.type !== 'int64' && input.type !== 'int32') || input.shape.length !== 2) {
    throw new NoDecoderError(`Input \`${name}\` is no two-dimensional tensor of integers.`, hint)
  }
  if (typeof input.shape[1] === 'number') {
    throw new NoDecoderError(`Input \`${name}\` takes ${input.shape[1]} tokens, neither more nor fewer.`, hint)
  }
  return { name, type: input.type }
}

function findLogits(outputs: readonly ModelInput[], name: string): Pick<GeneratePlan, 'logits' | 'vocabulary'> {
  const output = outputs.find((candidate) => candidate.name === name)
  if (output === undefined) {
    throw new NoDecoderError(
      `The generate scenario reads the next token from the output \`${name}\`, which the model does not have.`,
      'Name the output with the scores of the tokens in logits_output.'
    )
  }
  if (!output.isTensor || !['float32', 'float16', 'float64'].includes(output.type) || output.shape.length < 2) {
    throw new NoDecoderError(
      `Output \`${name}\` is no tensor of scores.`,
      'It must be float32, float16 or float64, with the tokens in its last dimension.'
    )
  }
  const vocabulary = output.shape.at(-1)
  return { logits: name, vocabulary: typeof vocabulary === 'number' ? vocabulary : null }
}

function findCaches(inputs: readonly ModelInput[], outputs: readonly ModelInput[]): CachePlan[] {
  const presents = new Map(
    outputs.flatMap(({ name }) => (PRESENT.test(name) ? [[name.replace(PRESENT, ''), name] as const] : []))
  )
  const caches = inputs.filter(({ name }) => PAST.test(name)).map((input) => planCache(input, presents))
  if (caches.length > 0) return caches
  throw new NoDecoderError(
    'The generate scenario needs a decoder that keeps keys and values, and this model has no input named `past…`.',
    'Export the decoder with its cache (Optimum: task text-generation-with-past).'
  )
}

function planCache(input: ModelInput, presents: ReadonlyMap<string, string>): CachePlan {
  const output = presents.get(input.name.replace(PAST, ''))
  const shape = input.isTensor ? emptyCacheShape(input.shape) : null
  if (output === undefined) {
    throw new NoDecoderError(
      `Input \`${input.name}\` has no output that it could be fed from.`,
      `Its name must be that of the input with \`present\` in place of \`${PAST.exec(input.name)?.[0] ?? 'past'}\`.`
    )
  }
  if (!input.isTensor || shape === null || !isCacheType(input.type)) {
    throw new NoDecoderError(
      `Input \`${input.name}\` is no cache that can grow: it needs a dynamic dimension that counts tokens.`,
      'Caches of a fixed length, or of another type than float32 and float16, are not supported.'
    )
  }
  return { input: input.name, output, type: input.type, shape }
}

function isCacheType(type: string): type is 'float32' | 'float16' {
  return type === 'float32' || type === 'float16'
}

/** One sequence and no token, or null when nothing in the shape can count tokens. */
export function emptyCacheShape(shape: readonly (number | string)[]): number[] | null {
  const dynamic = shape.flatMap((size, axis) => (typeof size === 'string' ? [axis] : []))
  const named = dynamic.find((axis) => BATCH.test(String(shape[axis])))
  const batch = named ?? (dynamic.length > 1 ? dynamic[0] : undefined)
  const counting = dynamic.filter((axis) => axis !== batch)
  if (counting.length !== 1) return null
  return shape.map((size, axis) => {
    if (typeof size === 'number') return size
    return axis === batch ? 1 : 0
  })
}
