import { generateValues } from './generate-values.ts'
import type { Engine, Feeds } from './import-engine.ts'
import { isGenerated, type PlannedInput, type PlannedSample, sharedTensorKey } from './infer-inputs.ts'
import { createRandom, drawOrder, inputSeed } from './random-numbers.ts'

/** All samples of one case, made once. */
export interface SamplePool {
  /** By sample index. */
  readonly feeds: readonly Feeds[]
  /** Sample index of each request; requests beyond the last start over. */
  readonly order: readonly number[]
  /** How many different sets of input shapes the samples have. */
  readonly shapes: number
  /** Requests after which every one of them has been fed. */
  readonly coveringRequests: number
}

/**
 * Makes the tensors of all samples and the order in which requests take them. Both come from the seed and the names of the
 * inputs alone, so that both sides make the same.
 */
export function createSamplePool(
  engine: Pick<Engine, 'Tensor'>,
  samples: readonly PlannedSample[],
  seed: number
): SamplePool {
  const order = drawOrder(samples.length, createRandom(inputSeed(seed, 'order of the samples')))
  const shared = new Map<string, Feeds[string]>()
  const feeds = samples.map((sample, index) => {
    const tensors = sample.map((input) => {
      const key = input.values.kind === 'constant' ? sharedTensorKey(input) : null
      const known = key === null ? undefined : shared.get(key)
      const tensor = known ?? createTensor(engine, input, inputSeed(seed, input.name, index))
      if (key !== null) shared.set(key, tensor)
      return [input.name, tensor] as const
    })
    return Object.fromEntries(tensors)
  })
  return { feeds, order, ...coverShapes(samples, order) }
}

function createTensor({ Tensor }: Pick<Engine, 'Tensor'>, input: PlannedInput, seed: number): Feeds[string] {
  const elements = isGenerated(input) ? generateValues({ ...input, seed }) : input.values.elements
  return new Tensor(input.type, elements, input.shape)
}

function coverShapes(
  samples: readonly PlannedSample[],
  order: readonly number[]
): Pick<SamplePool, 'shapes' | 'coveringRequests'> {
  const seen = new Set<string>()
  let coveringRequests = 1
  for (const [request, sample] of order.entries()) {
    const before = seen.size
    seen.add(JSON.stringify(samples[sample]?.map(({ shape }) => shape)))
    if (seen.size > before) coveringRequests = request + 1
  }
  return { shapes: seen.size, coveringRequests }
}
