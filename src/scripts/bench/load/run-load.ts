import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions } from '#src/scripts/bench/bench-options.ts'
import { describeMachine } from '#src/scripts/bench/describe-machine.ts'
import { placeBenchModels } from '#src/scripts/bench/harness/bench-models.ts'
import { createInstance } from '#workers/side/create-instance.ts'
import { importEngine } from '#workers/side/import-engine.ts'
import { measureKnee } from './measure-knee.ts'
import { LATENESS_RATES_PER_S, type LatenessFigures, measureLateness } from './measure-lateness.ts'
import { measureQueue, type QueueFigures } from './measure-queue.ts'
import { measureRunners, type RunnerFigures } from './measure-runners.ts'
import { renderLoad } from './render-load.ts'

/** Loads of the queue, and how many times the measuring time each gets: the fuller it is, the longer it remembers. */
const QUEUES = [
  { utilisation: 0.5, times: 1 },
  { utilisation: 0.7, times: 1 },
  { utilisation: 0.9, times: 2 }
] as const

/** Measures how well load is generated, and returns it as Markdown. Takes about nine times `seconds`, and more on a machine that is not calm. */
export async function runLoad({ seconds, say }: BenchOptions): Promise<string> {
  const machine = await describeMachine('none')
  const lateness: LatenessFigures[] = []
  for (const ratePerS of LATENESS_RATES_PER_S) {
    say(`load: lateness at ${ratePerS}/s`)
    lateness.push(await measureLateness(ratePerS, seconds))
  }
  const queues: QueueFigures[] = []
  for (const { utilisation, times } of QUEUES) {
    say(`load: M/D/1 at ρ = ${utilisation}`)
    queues.push(await measureQueue(utilisation, seconds * times))
  }
  say('load: knee')
  const knee = await measureKnee(seconds)
  say('load: runners')
  const runners = await measureOnModel(seconds)
  return renderLoad({ lateness, queues, knee, runners }, machine)
}

async function measureOnModel(seconds: number): Promise<readonly RunnerFigures[]> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tailgate-bench-')))
  try {
    const [small] = await placeBenchModels(folder)
    if (small === undefined) throw new Error('There is no model to measure.')
    const { modelPath, session, inputs } = small.spec.baseline
    const request = { modelFile: small.modelFile, modelPath, session, inputs, batchSize: 1 }
    const outcome = await createInstance(importEngine(null), request)
    if (outcome.kind === 'failed') throw new Error(`${outcome.message} ${outcome.hint}`)
    return await measureRunners(outcome.instance.send, { seconds, random: Math.random })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
