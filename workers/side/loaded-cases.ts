import { InferenceSession, type Tensor } from 'onnxruntime-node'
import { runClosedLoop } from '#workers/scenarios/closed-loop.ts'
import { describeInferenceFailure, describeLoadFailure, truncate } from './describe-failure.ts'
import { claimHalfPrecision, generateTensor } from './generate-tensor.ts'
import { describeSignature, inferInputs, type ModelInput, type PlannedInput } from './infer-inputs.ts'
import { injectDelay } from './inject-delay.ts'
import type { BlockReply, FedInput, LoadRequest, SideReply, SideRequest } from './protocol.ts'
import { readRawValues } from './read-raw-values.ts'
import { sessionOptions } from './session-options.ts'

interface LoadedCase {
  readonly request: LoadRequest
  readonly session: InferenceSession
  readonly feeds: Readonly<Record<string, Tensor>>
  readonly fed: readonly FedInput[]
  /** One request, with its injected delay where there is one. */
  readonly send: () => Promise<unknown>
}

/**
 * Answers the supervisor's requests with the cases loaded so far. Input tensors are made once per case; a session is
 * shared by the cases that have the same model and options.
 */
export function createSideHandler(): (request: SideRequest) => Promise<SideReply | BlockReply> {
  const sessions = new Map<string, InferenceSession>()
  const cases = new Map<number, LoadedCase>()
  const toHalves = claimHalfPrecision()

  async function load(request: LoadRequest): Promise<SideReply> {
    const key = JSON.stringify([request.modelFile, request.session])
    let session = sessions.get(key)
    try {
      session ??= await InferenceSession.create(request.modelFile, sessionOptions(request.session))
    } catch (error) {
      return describeLoadFailure(error, request, readRawValues(request.modelFile))
    }
    sessions.set(key, session)
    const plan = inferInputs(modelInputs(session), request.inputs, request.batchSize)
    if (!plan.ok) {
      const message = truncate(`\`${request.modelPath}\`: ${plan.message}`, 4000)
      return { kind: 'failed', code: 'input_unsupported', message, hint: truncate(plan.hint, 2000) }
    }
    const fed = plan.inputs.map(describeFed)
    try {
      const feeds = Object.fromEntries(
        plan.inputs.map((input) => [input.name, generateTensor(input, request.inputs.seed, toHalves)])
      )
      cases.set(request.caseIndex, { request, session, feeds, fed, send: createSender(session, feeds, request) })
    } catch (error) {
      return describeInferenceFailure(error, request, describeSignature(modelInputs(session)), fed)
    }
    return { kind: 'loaded', inputs: fed }
  }

  async function tryOnce(loaded: LoadedCase): Promise<SideReply> {
    const startMs = performance.now()
    try {
      await loaded.session.run(loaded.feeds)
      return { kind: 'tried', latencyNs: Math.max(1, Math.round((performance.now() - startMs) * 1e6)) }
    } catch (error) {
      return describeInferenceFailure(error, loaded.request, describeSignature(modelInputs(loaded.session)), loaded.fed)
    }
  }

  return async (request) => {
    if (request.kind === 'load') return load(request)
    const loaded = cases.get(request.caseIndex)
    if (loaded === undefined) throw new Error(`Case ${request.caseIndex} was never loaded.`)
    if (request.kind === 'try') return tryOnce(loaded)
    return { kind: 'ran', ...(await runClosedLoop(loaded.send, request.requests)) }
  }
}

function createSender(
  session: InferenceSession,
  feeds: LoadedCase['feeds'],
  { injectedDelay }: LoadRequest
): () => Promise<unknown> {
  const send = () => session.run(feeds)
  return injectedDelay === undefined || injectedDelay === null ? send : injectDelay(send, injectedDelay)
}

function modelInputs(session: InferenceSession): readonly ModelInput[] {
  return session.inputMetadata
}

function describeFed(input: PlannedInput): FedInput {
  return { name: truncate(input.name, 500), type: input.type, shape: [...input.shape] }
}
