import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { NS_PER_MS } from '#contracts/units.ts'
import { forkProgram } from '#src/scripts/bench/forked-program.ts'
import { type Launch, startLaunch } from '#workers/measure/start-launch.ts'
import { sideCommand } from '#workers/sandbox/side-command.ts'
import type { BareLoopQuestion, BareLoopSettings } from './bare-loop.ts'
import type { BenchPlace } from './bench-models.ts'

const SIDE_PROGRAM = fileURLToPath(new URL('../../../../workers/side/main.ts', import.meta.url))
const BARE_PROGRAM = fileURLToPath(new URL('./bare-loop.ts', import.meta.url))
const SINGLE_STREAM = { scenario: { kind: 'single_stream' }, engineDirectory: null } as const
const REQUEST_LIMITS = { timeoutMs: 60_000, signal: new AbortController().signal } as const

const BareReply = z.object({ latenciesMs: z.array(z.number().positive()) })

/** A process that has loaded the models and sends requests to them on demand. */
export interface LoopedProcess {
  /** Latencies of `blocks` × `blockRequests` requests to one model, in nanoseconds. */
  run(modelIndex: number, blocks: number, blockRequests: number): Promise<readonly number[]>
  stop(): Promise<void>
}

/** The worker's own side process, driven by the worker's own supervisor: one exchange per block. */
export async function startLoopedSide({ models, folder, bubblewrap }: BenchPlace): Promise<LoopedProcess> {
  const command = sideCommand({
    nodePath: process.execPath,
    sideProgram: SIDE_PROGRAM,
    checkoutDirectory: folder,
    bubblewrap
  })
  const launch = startLaunch({ cores: null, commandOf: () => command, directory: folder })
  try {
    return await loadModels(launch, models)
  } catch (error) {
    await launch.stop()
    throw error
  }
}

async function loadModels(launch: Launch, models: BenchPlace['models']): Promise<LoopedProcess> {
  const side = await launch.startSide('baseline', REQUEST_LIMITS.signal)
  for (const [caseIndex, { modelFile, spec }] of models.entries()) {
    const { modelPath, session, inputs } = spec.baseline
    const request = {
      kind: 'load',
      caseIndex,
      modelFile,
      modelPath,
      session,
      inputs,
      batchSize: 1,
      ...SINGLE_STREAM
    } as const
    const reply = await side.load(request, REQUEST_LIMITS)
    if (reply.kind === 'failed') throw new Error(`${reply.message} ${reply.hint}`)
  }
  async function run(modelIndex: number, blocks: number, blockRequests: number): Promise<readonly number[]> {
    const latenciesNs: number[] = []
    for (let block = 0; block < blocks; block += 1) {
      const measured = await side.run(modelIndex, blockRequests, REQUEST_LIMITS)
      latenciesNs.push(...measured.latenciesNs)
    }
    return latenciesNs
  }
  return { run, stop: () => launch.stop() }
}

/** The bare loop: the same number of requests in one row. */
export async function startBareLoop({ models, folder }: BenchPlace): Promise<LoopedProcess> {
  const settings: BareLoopSettings = {
    models: models.map(({ modelFile, spec }) => ({ modelFile, side: spec.baseline }))
  }
  // The environment of a side process without a sandbox: telemetry off, and nothing that could tune one of the two.
  const { env } = sideCommand({
    nodePath: process.execPath,
    sideProgram: BARE_PROGRAM,
    checkoutDirectory: folder,
    bubblewrap: null
  })
  const program = forkProgram(BARE_PROGRAM, settings, env)
  await program.ask(null)
  async function run(modelIndex: number, blocks: number, blockRequests: number): Promise<readonly number[]> {
    const question: BareLoopQuestion = { modelIndex, requests: blocks * blockRequests }
    const { latenciesMs } = BareReply.parse(await program.ask(question))
    return latenciesMs.map((latencyMs) => latencyMs * NS_PER_MS)
  }
  return { run, stop: () => program.stop() }
}
