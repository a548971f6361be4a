import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { TokenDecoder } from '#workers/scenarios/generate.ts'
import type { Engine } from './import-engine.ts'
import type { GeneratePlan, IntegerInput } from './plan-generate.ts'
import { createRandom, inputSeed } from './random-numbers.ts'

export interface DecoderOptions {
  readonly promptTokens: number
  readonly newTokens: number
  /** Of the prompts. */
  readonly seed: number
  /** How many different prompts there are; requests take them in turns. */
  readonly prompts: number
}

/** A decoder on an ONNX session. */
export interface CachedDecoder extends TokenDecoder {
  /** New tokens of the request under way, so far. */
  tokens(): readonly number[]
}

type Feeds = Record<string, Tensor>

/** A session, and the class of the tensors that it takes: sessions take tensors of their own engine only. */
export interface DecodingEngine {
  readonly session: Pick<InferenceSession, 'run'>
  readonly Tensor: Engine['Tensor']
}

/**
 * Decodes greedily: the token with the highest score is the next one, the first of several, and none ends the text. Keys and
 * values that come out of one inference go into the next as they are; onnxruntime-node keeps them in host memory, so that
 * on a GPU each token moves the whole cache there and back.
 *
 * All tensors but those that the session makes are made here: prompts (tokens drawn evenly from the vocabulary), masks and
 * positions of every step.
 *
 * Rejects when the first inference fails, which is only made where the vocabulary is not known.
 */
export async function createCachedDecoder(
  engine: DecodingEngine,
  plan: GeneratePlan,
  options: DecoderOptions
): Promise<CachedDecoder> {
  const { session } = engine
  const vocabulary = plan.vocabulary ?? (await readVocabulary(engine, plan))
  const prompts = Array.from({ length: options.prompts }, (_, index) =>
    createPrompt(engine, plan.tokens, { ...options, vocabulary, index })
  )
  const steps = createSteps(engine, plan, options)
  const emptyCaches = createEmptyCaches(engine, plan)
  const fetches = [plan.logits, ...plan.caches.map((cache) => cache.output)]
  const newest = new Int32Array(1)
  const generated: number[] = []
  let feeds: Feeds = {}
  let step = 0

  async function advance(tokens: Tensor): Promise<void> {
    feeds[plan.tokens.name] = tokens
    Object.assign(feeds, steps[step])
    const outputs = await session.run(feeds, fetches)
    for (const { input, output } of plan.caches) feeds[input] = tensorOf(outputs, output)
    const token = findBestToken(tensorOf(outputs, plan.logits))
    newest[0] = token
    generated.push(token)
    step += 1
  }

  return {
    async prefill(index) {
      feeds = { ...emptyCaches }
      step = 0
      generated.length = 0
      const prompt = prompts[index % prompts.length]
      if (prompt === undefined) throw new RangeError('A decoder needs at least one prompt.')
      await advance(prompt)
    },
    decode: () => advance(integerTensor(engine, plan.tokens.type, newest)),
    tokens: () => generated
  }
}

/** The token with the highest score at the last place; the first of several. */
export function findBestToken({ data, dims, type }: Pick<Tensor, 'data' | 'dims' | 'type'>): number {
  const vocabulary = dims.at(-1) ?? 0
  const isNumeric = data instanceof Float32Array || data instanceof Float64Array || data instanceof Uint16Array
  if (!isNumeric || vocabulary < 1 || data.length < vocabulary) throw new Error('The model gave no scores of tokens.')
  const from = data.length - vocabulary
  const isHalf = type === 'float16'
  let best = 0
  let bestScore = Number.NEGATIVE_INFINITY
  for (let token = 0; token < vocabulary; token += 1) {
    const value = data[from + token] ?? Number.NaN
    const score = isHalf ? rankHalf(value) : value
    if (score > bestScore) {
      best = token
      bestScore = score
    }
  }
  return best
}

const HALF_SIGN = 0x8000
const HALF_INFINITY = 0x7c00

/** A number that orders half-precision bits as their values are ordered; NaN for NaN. */
function rankHalf(bits: number): number {
  const magnitude = bits & ~HALF_SIGN
  if (magnitude > HALF_INFINITY) return Number.NaN
  return (bits & HALF_SIGN) === 0 ? magnitude : -magnitude
}

/** From one inference of token 0: the size of the scores. */
async function readVocabulary(engine: DecodingEngine, plan: GeneratePlan): Promise<number> {
  const [step] = createSteps(engine, plan, { promptTokens: 1, newTokens: 1 })
  const tokens = integerTensor(engine, plan.tokens.type, [0])
  const feeds: Feeds = { ...createEmptyCaches(engine, plan), ...step, [plan.tokens.name]: tokens }
  const outputs = await engine.session.run(feeds, [plan.logits])
  return tensorOf(outputs, plan.logits).dims.at(-1) ?? 1
}

function createPrompt(
  engine: DecodingEngine,
  { type }: IntegerInput,
  { promptTokens, vocabulary, seed, index }: DecoderOptions & { readonly vocabulary: number; readonly index: number }
): Tensor {
  const random = createRandom(inputSeed(seed, 'prompt', index))
  const tokens = Array.from({ length: promptTokens }, () => Math.floor(random() * vocabulary))
  return integerTensor(engine, type, tokens)
}

/** What is fed beside tokens and caches, for the prompt and for each token after it. All masks are parts of one array. */
function createSteps(
  engine: DecodingEngine,
  { attentionMask, positionIds, cacheBranch }: GeneratePlan,
  { promptTokens, newTokens }: Pick<DecoderOptions, 'promptTokens' | 'newTokens'>
): readonly Feeds[] {
  const longest = promptTokens + newTokens - 1
  const ones = integers(attentionMask?.type ?? 'int64', new Uint8Array(longest).fill(1))
  const positions = integers(
    positionIds?.type ?? 'int64',
    Array.from({ length: longest }, (_, position) => position)
  )
  return Array.from({ length: newTokens }, (_, step) => {
    const from = step === 0 ? 0 : promptTokens + step - 1
    const to = promptTokens + step
    const feeds: Feeds = {}
    if (attentionMask !== null) {
      feeds[attentionMask.name] = new engine.Tensor(attentionMask.type, ones.subarray(0, to), [1, to])
    }
    if (positionIds !== null) {
      feeds[positionIds.name] = new engine.Tensor(positionIds.type, positions.subarray(from, to), [1, to - from])
    }
    if (cacheBranch !== null) feeds[cacheBranch] = new engine.Tensor('bool', Uint8Array.of(step > 0 ? 1 : 0), [1])
    return feeds
  })
}

function createEmptyCaches({ Tensor }: DecodingEngine, { caches }: GeneratePlan): Feeds {
  return Object.fromEntries(
    caches.map(({ input, type, shape }) => {
      const values = type === 'float16' ? new Uint16Array(0) : new Float32Array(0)
      return [input, new Tensor(type, values, shape)]
    })
  )
}

/** One row of integers. */
function integerTensor({ Tensor }: DecodingEngine, type: IntegerInput['type'], values: ArrayLike<number>): Tensor {
  return new Tensor(type, integers(type, values), [1, values.length])
}

function integers(type: IntegerInput['type'], values: ArrayLike<number>): Int32Array | BigInt64Array {
  return type === 'int32' ? Int32Array.from(values) : BigInt64Array.from(Array.from(values, BigInt))
}

function tensorOf(outputs: InferenceSession.ReturnType, name: string): Tensor {
  const output = outputs[name]
  if (output === undefined || !('dims' in output)) throw new Error(`The output \`${name}\` is no tensor.`)
  return output
}
