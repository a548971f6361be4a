import { describeInferenceFailure, describeLoadFailure, truncate } from './describe-failure.ts'
import type { Engine, Feeds, Session } from './import-engine.ts'
import { inferInputs, type PlannedSample } from './infer-inputs.ts'
import { describeSignature } from './model-input.ts'
import type { Refusal } from './plan-values.ts'
import type { FedInput, LoadRequest, ModelOutput, SampleFacts, SideFailure } from './protocol.ts'
import { readRawValues } from './read-raw-values.ts'
import { createSamplePool, type SamplePool } from './sample-pool.ts'
import { sessionOptions } from './session-options.ts'

/** What an instance needs of a {@link LoadRequest}. It can be sent to a thread. */
export type InstanceRequest = Omit<LoadRequest, 'kind' | 'caseIndex' | 'injectedDelay' | 'scenario' | 'engineDirectory'>

/** One session with the samples that it is fed. */
export interface Instance {
  /** One inference: request number `index` of the case, with the sample whose turn it is. */
  readonly send: (index: number) => Promise<Awaited<ReturnType<Session['run']>>>
  /** What sample number `sample` feeds, in the order of its files. */
  readonly feedsOfSample: (sample: number) => Feeds
  /** Which sample request number `index` carries. */
  readonly sampleOf: (index: number) => number
  readonly sampleCount: number
  readonly sampleFacts: SampleFacts
  /** Inputs of the first sample. */
  readonly fed: readonly FedInput[]
  readonly outputs: readonly ModelOutput[]
  /** For parts that feed the session themselves. */
  readonly session: Session
  /** Says why request number `index` failed, with the model's signature beside what it was fed. */
  readonly describeFailure: (error: unknown, index: number) => SideFailure
}

export type InstanceOutcome = { readonly kind: 'created'; readonly instance: Instance } | SideFailure

/**
 * Loads a model and makes its samples. Works in any thread; each has sessions and tensors of its own, of one engine.
 *
 * @param sessions those that exist already, by {@link sessionKey}: cases with the same model and options share one
 */
export async function createInstance(
  engine: Engine,
  request: InstanceRequest,
  sessions: Map<string, Session> = new Map()
): Promise<InstanceOutcome> {
  const key = sessionKey(request)
  let session = sessions.get(key)
  try {
    session ??= await engine.InferenceSession.create(request.modelFile, sessionOptions(request.session))
  } catch (error) {
    return describeLoadFailure(error, request, readRawValues(engine, request.modelFile))
  }
  sessions.set(key, session)
  return feedSession(engine, session, request)
}

/** Makes the samples for a session that exists already; see {@link createInstance}. */
async function feedSession(
  engine: Pick<Engine, 'Tensor'>,
  session: Session,
  request: InstanceRequest
): Promise<InstanceOutcome> {
  const plan = await planSamples(session, request)
  if (!plan.ok) return unsupported(request, plan)
  const signature = describeSignature(session.inputMetadata)
  try {
    const pool = createSamplePool(engine, plan.samples, request.inputs.seed)
    return { kind: 'created', instance: assemble(session, pool, { request, signature, samples: plan.samples }) }
  } catch (error) {
    return describeInferenceFailure(error, request, signature, describeFed(plan.samples[0]))
  }
}

function sessionKey(request: InstanceRequest): string {
  return JSON.stringify([request.modelFile, request.session])
}

/** The code that reads recorded files is loaded only where there are some, so that a side starts fast. */
async function planSamples(session: Session, { inputs, recorded = [], batchSize }: InstanceRequest) {
  const modelInputs = session.inputMetadata
  // Generated samples in their place would be measured without a word.
  if (recorded.length !== inputs.recorded.length) throw new Error('The files of the recorded samples were not given.')
  if (recorded.length === 0) return inferInputs(modelInputs, inputs, batchSize)
  const { readRecorded } = await import('./read-recorded.ts')
  const read = readRecorded(recorded, modelInputs)
  return read.ok ? inferInputs(modelInputs, inputs, batchSize, read.samples) : read
}

function assemble(
  session: Session,
  pool: SamplePool,
  planned: {
    readonly request: InstanceRequest
    readonly signature: string
    readonly samples: readonly PlannedSample[]
  }
): Instance {
  const { request, signature, samples } = planned
  const sampleCount = samples.length
  const turns = pool.order.map((sample) => pool.feeds[sample] ?? {})
  const feedsOf = (index: number): Feeds => turns[index % sampleCount] ?? {}
  const sampleOf = (index: number) => pool.order[index % sampleCount] ?? 0
  return {
    send: (index) => session.run(feedsOf(index)),
    feedsOfSample: (sample) => pool.feeds[sample] ?? {},
    sampleOf,
    sampleCount,
    sampleFacts: { samples: sampleCount, shapes: pool.shapes, coveringRequests: pool.coveringRequests },
    fed: describeFed(samples[0]),
    outputs: session.outputMetadata.map(describeOutput),
    session,
    describeFailure: (error, index) =>
      describeInferenceFailure(error, request, signature, describeFed(samples[sampleOf(index)]))
  }
}

function unsupported({ modelPath }: InstanceRequest, { message, hint }: Refusal): SideFailure {
  return {
    kind: 'failed',
    code: 'input_unsupported',
    message: truncate(`\`${modelPath}\`: ${message}`, 4000),
    hint: truncate(hint, 2000)
  }
}

function describeFed(sample: PlannedSample = []): FedInput[] {
  return sample.map(({ name, type, shape }) => ({ name: truncate(name, 500), type, shape: [...shape] }))
}

function describeOutput(output: Session['outputMetadata'][number]): ModelOutput {
  const name = truncate(output.name, 500)
  if (!output.isTensor) return { name, type: null, shape: [] }
  const shape = output.shape.map((size) => (typeof size === 'string' ? truncate(size, 500) : size))
  return { name, type: output.type, shape }
}
