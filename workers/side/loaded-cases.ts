import type { SegmentRequest } from '#workers/load/segment-frames.ts'
import type { Send } from '#workers/load/serve-arrivals.ts'
import { createInstance, type Instance } from './create-instance.ts'
import { createGenerateRunner, createRunner, type Runner } from './create-runner.ts'
import { type Engine, importEngine, type Session } from './import-engine.ts'
import { injectDelay } from './inject-delay.ts'
import type { BinaryReply, BlockReply, BlockRequest, LoadRequest, SideReply, SideRequest } from './protocol.ts'
import { trySamples } from './try-samples.ts'

interface LoadedCase {
  readonly runner: Runner
  /** The first request, and those of the other samples. */
  readonly tryOnce: () => Promise<SideReply>
  /** Requests sent since it was loaded, so that both sides carry the same samples at the same place. */
  sent: number
}

type Loaded = { readonly kind: 'loaded'; readonly reply: SideReply; readonly loaded: Omit<LoadedCase, 'sent'> }
type Refused = Extract<SideReply, { kind: 'failed' }>

/**
 * Answers the supervisor's requests with the cases loaded so far. Samples are made once per case; a session is shared by
 * the cases that have the same model and options.
 *
 * The requests of a case take its samples in turns, beginning with the first block. Both sides of a case get as many
 * requests, so that they carry the same samples at the same place.
 */
export function createSideHandler(
  given: Engine | null = null
): (request: SideRequest) => Promise<SideReply | BlockReply | BinaryReply> {
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
    const loaded = cases.get(request.caseIndex)
    if (loaded === undefined) throw new Error(`Case ${request.caseIndex} was never loaded.`)
    switch (request.kind) {
      case 'try':
        return loaded.tryOnce()
      case 'run':
        return runBlock(loaded, request)
      case 'segment':
        return runSegment(loaded, request)
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
    loaded: { runner, tryOnce: () => trySamples(instance) }
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
  const loaded = { runner: createGenerateRunner(decoder, scenario), tryOnce }
  return { kind: 'loaded', reply: { kind: 'loaded', inputs: [] }, loaded }
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
