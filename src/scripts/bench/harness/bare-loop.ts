/**
 * What the harness is measured against, in a process of its own: onnxruntime-node, a loop and a clock, and nothing else
 * between two requests. Session options and tensors are those of the side process, so that only the harness differs.
 */
import type { SideSpec } from '#contracts/case.ts'
import { type Feeds, importEngine, type Session } from '#workers/side/import-engine.ts'
import { inferInputs } from '#workers/side/infer-inputs.ts'
import { createSamplePool } from '#workers/side/sample-pool.ts'
import { sessionOptions } from '#workers/side/session-options.ts'

export interface BareLoopSettings {
  readonly models: readonly { readonly modelFile: string; readonly side: SideSpec }[]
}

/** Which of the models, and how often. */
export interface BareLoopQuestion {
  readonly modelIndex: number
  readonly requests: number
}

const { models }: BareLoopSettings = JSON.parse(process.argv[2] ?? '')
const engine = importEngine(null)
const loaded: { readonly session: Session; readonly feeds: Feeds }[] = []
for (const { modelFile, side } of models) {
  const session = await engine.InferenceSession.create(modelFile, sessionOptions(side.session))
  const plan = inferInputs(session.inputMetadata, side.inputs, 1)
  if (!plan.ok) throw new Error(plan.message)
  const [feeds = {}] = createSamplePool(engine, plan.samples, side.inputs.seed).feeds
  loaded.push({ session, feeds })
}

async function run({ modelIndex, requests }: BareLoopQuestion): Promise<void> {
  const model = loaded[modelIndex]
  if (model === undefined) throw new Error(`There is no model ${modelIndex}.`)
  const { session, feeds } = model
  const latenciesMs: number[] = []
  for (let sent = 0; sent < requests; sent += 1) {
    const startMs = performance.now()
    await session.run(feeds)
    latenciesMs.push(performance.now() - startMs)
  }
  process.send?.({ latenciesMs })
}

process.on('message', (question: BareLoopQuestion) => {
  run(question).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
})
process.send?.({ ready: true })
