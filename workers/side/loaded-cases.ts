import type { ProfileReading } from '#contracts/graph.ts'
import type { SegmentRequest } from '#workers/load/segment-frames.ts'
import type { Send } from '#workers/load/serve-arrivals.ts'
import { createInstance, type Instance } from './create-instance.ts'
import { createGenerateRunner, createRunner, type Runner } from './create-runner.ts'
import { type Engine, importEngine, type Session } from './import-engine.ts'
import { injectDelay } from './inject-delay.ts'
import type {
  BinaryReply,
  BlockReply,
  BlockRequest,
  LoadRequest,
  ProfileRequest,
  SideReply,
  SideRequest
} from './protocol.ts'
import { trySamples } from './try-samples.ts'

const NOT_PROFILED: ProfileReading = { kind: 'unreadable', problem: 'Decoders are not profiled.' }

interface LoadedCase {
  readonly runner: Runner
  /** The first request, and those of the other samples. */
  readonly tryOnce: () => Promise<SideReply>
  /** The answers to one sample. */
  readonly answer: (sampleIndex: number) => Promise<Reply>
  /** Null where a case cannot be profiled. */
  readonly profile: ((request: ProfileRequest) => Promise<Reply>) | null
  /** Requests sent since it was loaded, so that both sides carry the same samples at the same place. */
  sent: number
}

type Reply = SideReply | BlockReply | BinaryReply

type Loaded = { readonly kind: 'loaded'; readonly reply: SideReply; readonly loaded: Omit<LoadedCase, 'sent'> }
type Refused = Extract<SideReply, { kind: 'failed' }>

/**
 * Answers the supervisor's requests with the cases loaded so far. Samples are made once per case; a session is shared by
 * the cases that have the same model and options.
 *
 * The requests of a case take its samples in turns, beginning with the first block. Both sides of a case get as many
 * requests, so that they carry the same samples at the same place.
 */
export function createSideHandler(given: Engine | null = null): (request: SideRequest) => Promise<Reply> {
  const sessions = new Map<string, Session>()
  const cases = new Map<number, LoadedCase>()
  let engine = given

  async function load(request: LoadRequest): Promise<SideReply> {
    engine ??= importEngine(request.engineDirectory)
    const outcome = await (request.scenario.kind === 'generate'
      ? loadDecoder(engine, request)
      : loadInstance(engine, request, sessions))
    if (outcome.kind === 'failed') return outcome
    cases.set(request.caseIndex, { ...outcome.loaded, sent: 0 })
    return outcome.reply
  }

  return async (request) => {
    if (request.kind === 'load') return load(request)
    if (request.kind === 'graph') return readGraph(request.modelFile)
    const loaded = cases.get(request.caseIndex)
    if (loaded === undefined) throw new Error(`Case ${request.caseIndex} was never loaded.`)
    switch (request.kind) {
      case 'try':
        return loaded.tryOnce()
      case 'run':
        return runBlock(loaded, request)
      case 'segment':
        return runSegment(loaded, request)
      case 'outputs':
        return loaded.answer(request.sampleIndex)
      case 'profile':
        return loaded.profile?.(request) ?? { kind: 'profiled', reading: NOT_PROFILED }
      default:
        return request satisfies never
    }
  }
}

function runBlock(loaded: LoadedCase, { requests }: BlockRequest): Promise<BlockReply | BinaryReply> {
  const firstIndex = loaded.sent
  loaded.sent += requests
  return loaded.runner.run(requests, firstIndex)
}

function runSegment({ runner }: LoadedCase, request: SegmentRequest): Promise<BinaryReply> {
  if (runner.segment === undefined) throw new Error(`Case ${request.caseIndex} is no open loop.`)
  return runner.segment(request)
}

async function loadInstance(
  engine: Engine,
  request: LoadRequest,
  sessions: Map<string, Session>
): Promise<Loaded | Refused> {
  const outcome = await createInstance(engine, request, sessions)
  if (outcome.kind === 'failed') return outcome
  const { instance } = outcome
  const runner = await createRunner(request, createSender(instance, request))
  const { sampleFacts, outputs, fed } = instance
  return {
    kind: 'loaded',
    reply: { kind: 'loaded', inputs: [...fed], outputs: [...outputs], sampleFacts },
    loaded: {
      runner,
      tryOnce: () => trySamples(instance),
      answer: async (sampleIndex) => (await import('./inspect-case.ts')).answerSample(instance, sampleIndex),
      profile: async (profile) => (await import('./inspect-case.ts')).profileCase(engine, request, instance, profile)
    }
  }
}

/** The code that decodes is loaded only where a case asks for it, so that a side starts fast. */
async function loadDecoder(engine: Engine, request: LoadRequest): Promise<Loaded | Refused> {
  const { scenario } = request
  if (scenario.kind !== 'generate') throw new Error('Only `generate` decodes.')
  const { createDecoder } = await import('./create-decoder.ts')
  const outcome = await createDecoder(engine, request, scenario)
  if (outcome.kind === 'failed') return outcome
  const { decoder, describeFailure } = outcome
  const tryOnce = async (): Promise<SideReply> => {
    const startMs = performance.now()
    try {
      await decoder.prefill(0)
      for (let token = 1; token < scenario.newTokens; token += 1) await decoder.decode()
      return tried(performance.now() - startMs)
    } catch (error) {
      return describeFailure(error)
    }
  }
  const answer = async (promptIndex: number): Promise<Reply> => {
    const { answerPrompt } = await import('./inspect-case.ts')
    return answerPrompt(decoder, promptIndex, scenario.newTokens).catch(describeFailure)
  }
  const loaded = { runner: createGenerateRunner(decoder, scenario), tryOnce, answer, profile: null }
  return { kind: 'loaded', reply: { kind: 'loaded', inputs: [] }, loaded }
}

/** Parsed here, in the sandbox, and not where the tokens are. */
async function readGraph(modelFile: string): Promise<SideReply> {
  const { readGraphFacts } = await import('#workers/onnx/read-graph-facts.ts')
  return { kind: 'graph', reading: readGraphFacts(modelFile) }
}

function tried(latencyMs: number): SideReply {
  return { kind: 'tried', latencyNs: Math.max(1, Math.round(latencyMs * 1e6)) }
}

function createSender(instance: Instance, { injectedDelay }: LoadRequest): Send {
  if (injectedDelay === undefined || injectedDelay === null) return instance.send
  let next = 0
  const delayed = injectDelay(() => instance.send(next), injectedDelay)
  return (index) => {
    next = index
    return delayed()
  }
}
