/**
 * What the harness is measured against, in a process of its own: onnxruntime-node, a loop and a clock, and nothing else
 * between two requests. Session options and tensors are those of the side process, so that only the harness differs.
 */
import { InferenceSession, type Tensor } from 'onnxruntime-node'
import type { SideSpec } from '#contracts/case.ts'
import { claimHalfPrecision, generateTensor } from '#workers/side/generate-tensor.ts'
import { inferInputs } from '#workers/side/infer-inputs.ts'
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
const toHalves = claimHalfPrecision()
const loaded: { readonly session: InferenceSession; readonly feeds: Record<string, Tensor> }[] = []
for (const { modelFile, side } of models) {
  const session = await InferenceSession.create(modelFile, sessionOptions(side.session))
  const plan = inferInputs(session.inputMetadata, side.inputs, 1)
  if (!plan.ok) throw new Error(plan.message)
  const tensors = plan.inputs.map((input) => [input.name, generateTensor(input, side.inputs.seed, toHalves)] as const)
  loaded.push({ session, feeds: Object.fromEntries(tensors) })
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
