import { fileURLToPath } from 'node:url'
import type { ScenarioOf } from '#contracts/scenario.ts'
import { startInstanceThreads } from '#workers/load/instance-threads.ts'
import { createSingleInstance, type Instances } from '#workers/load/instances.ts'
import { encodeSegmentReply, type SegmentRequest } from '#workers/load/segment-frames.ts'
import { recordBytes } from '#workers/load/segment-memory.ts'
import { encodeGenerateReply, encodeSoakReply } from '#workers/load/series-frames.ts'
import type { Send } from '#workers/load/serve-arrivals.ts'
import { runClosedLoop } from '#workers/scenarios/closed-loop.ts'
import { runGenerate } from '#workers/scenarios/generate.ts'
import { runMultiStream } from '#workers/scenarios/multi-stream.ts'
import { runOpenLoop } from '#workers/scenarios/open-loop.ts'
import { createSoakReader, runSoak } from '#workers/scenarios/soak.ts'
import { SEGMENT_REPLY_FRAME, SERIES_REPLY_FRAME } from './frames.ts'
import type { CachedDecoder } from './generate-cache.ts'
import type { BinaryReply, BlockReply, LoadRequest } from './protocol.ts'
import type { ThreadSessionRequest } from './thread-session.ts'

/** Runs the requests of one case, as its scenario wants them. */
export interface Runner {
  /** So many requests back to back, beginning with number `firstIndex`; of an open loop, those of its warm-up. */
  readonly run: (requests: number, firstIndex: number) => Promise<BlockReply | BinaryReply>
  /** One segment of an open loop. */
  readonly segment?: (request: SegmentRequest) => Promise<BinaryReply>
}

const THREAD_SESSION = fileURLToPath(new URL('./thread-session.ts', import.meta.url))

/** @param send one request, with its injected delay where there is one */
export async function createRunner(request: LoadRequest, send: Send): Promise<Runner> {
  const { scenario } = request
  switch (scenario.kind) {
    case 'multi_stream': {
      const instances = await startInstances(scenario.instances, request, send)
      return createQueryRunner(instances, scenario.samplesPerQuery)
    }
    case 'server':
    case 'burst':
    case 'ramp':
      return createSegmentRunner(await startInstances(scenario.instances, request, send))
    case 'soak':
      return createSoakRunner(send)
    default:
      return { run: async (requests, firstIndex) => ran(await runClosedLoop(send, requests, firstIndex)) }
  }
}

export function createGenerateRunner(decoder: CachedDecoder, { newTokens }: ScenarioOf<'generate'>): Runner {
  return {
    run: async (requests, firstIndex) => {
      const outcomes = await runGenerate(decoder, { requests, newTokens, firstIndex })
      return { kind: 'binary', frameType: SERIES_REPLY_FRAME, body: encodeGenerateReply(outcomes) }
    }
  }
}

function createSoakRunner(send: Send): Runner {
  const reader = createSoakReader()
  return {
    run: async (requests, firstIndex) => {
      const outcomes = await runSoak(send, { requests, firstIndex, reader })
      return { kind: 'binary', frameType: SERIES_REPLY_FRAME, body: encodeSoakReply(outcomes) }
    }
  }
}

function createQueryRunner(instances: Instances, samplesPerQuery: number): Runner {
  return {
    run: async (queries, firstIndex) =>
      ran(await runMultiStream(instances, { queries, samplesPerQuery, firstIndex: firstIndex * samplesPerQuery }))
  }
}

/** It warms up with queries that keep all instances busy. */
function createSegmentRunner(instances: Instances): Runner {
  return {
    ...createQueryRunner(instances, instances.count),
    segment: async (request) => {
      const memory = await runOpenLoop(instances, request)
      return { kind: 'binary', frameType: SEGMENT_REPLY_FRAME, body: encodeSegmentReply(recordBytes(memory)) }
    }
  }
}

function ran(outcomes: Omit<BlockReply, 'kind'>): BlockReply {
  return { kind: 'ran', ...outcomes }
}

/** One works in this thread, with the session that there is; several have threads and sessions of their own. */
async function startInstances(count: number, request: LoadRequest, send: Send): Promise<Instances> {
  if (count === 1) return createSingleInstance(send)
  const { modelFile, modelPath, session, inputs, recorded = [], batchSize, engineDirectory } = request
  const data: ThreadSessionRequest = {
    request: { modelFile, modelPath, session, inputs, recorded, batchSize },
    engineDirectory
  }
  return startInstanceThreads(count, { moduleUrl: THREAD_SESSION, data })
}
