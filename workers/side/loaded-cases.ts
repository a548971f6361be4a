import { runClosedLoop } from '#workers/scenarios/closed-loop.ts'
import { createInstance, type Instance } from './create-instance.ts'
import { type Engine, importEngine, type Session } from './import-engine.ts'
import { injectDelay } from './inject-delay.ts'
import type { BlockReply, LoadRequest, SideReply, SideRequest } from './protocol.ts'
import { trySamples } from './try-samples.ts'

interface LoadedCase {
  readonly instance: Instance
  /** The next request, with its injected delay where there is one. */
  readonly send: () => Promise<unknown>
}

/**
 * Answers the supervisor's requests with the cases loaded so far. Samples are made once per case; a session is shared by
 * the cases that have the same model and options.
 *
 * The requests of a case take its samples in turns, beginning with the first block. Both sides of a case get as many
 * requests, so that they carry the same samples at the same place.
 */
export function createSideHandler(
  engine: Engine = importEngine(null)
): (request: SideRequest) => Promise<SideReply | BlockReply> {
  const sessions = new Map<string, Session>()
  const cases = new Map<number, LoadedCase>()

  async function load(request: LoadRequest): Promise<SideReply> {
    const outcome = await createInstance(engine, request, sessions)
    if (outcome.kind === 'failed') return outcome
    const { instance } = outcome
    cases.set(request.caseIndex, { instance, send: createSender(instance, request) })
    const { sampleFacts, outputs, fed } = instance
    return { kind: 'loaded', inputs: [...fed], outputs: [...outputs], sampleFacts }
  }

  return async (request) => {
    if (request.kind === 'load') return load(request)
    const loaded = cases.get(request.caseIndex)
    if (loaded === undefined) throw new Error(`Case ${request.caseIndex} was never loaded.`)
    if (request.kind === 'try') return trySamples(loaded.instance)
    return { kind: 'ran', ...(await runClosedLoop(loaded.send, request.requests)) }
  }
}

function createSender(instance: Instance, { injectedDelay }: LoadRequest): () => Promise<unknown> {
  let index = 0
  const send = () => {
    const sending = instance.send(index)
    index += 1
    return sending
  }
  return injectedDelay === undefined || injectedDelay === null ? send : injectDelay(send, injectedDelay)
}
