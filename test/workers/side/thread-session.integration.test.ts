import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { DEFAULT_SESSION } from '#contracts/session.ts'
import { perceptronModel, SMALL_PERCEPTRON } from '#test/fixtures/onnx/write-model.ts'
import { startInstanceThreads } from '#workers/load/instance-threads.ts'
import { OUTCOME } from '#workers/load/segment-memory.ts'
import { runOpenLoop } from '#workers/scenarios/open-loop.ts'
import type { ThreadSessionRequest } from '#workers/side/thread-session.ts'

const MODULE = new URL('../../../workers/side/thread-session.ts', import.meta.url).href
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tailgate-threads-'))
  await writeFile(join(folder, 'small.onnx'), perceptronModel(SMALL_PERCEPTRON))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function source(modelPath: string): { readonly moduleUrl: string; readonly data: ThreadSessionRequest } {
  const request = {
    modelFile: join(folder, modelPath),
    modelPath,
    session: DEFAULT_SESSION,
    inputs: { ...INFERRED_INPUTS, samples: 3 },
    batchSize: 1
  }
  return { moduleUrl: MODULE, data: { request, engineDirectory: null } }
}

test('each thread has a session of its own, and all answer', async () => {
  const instances = await startInstanceThreads(2, source('small.onnx'))
  const limits = { timeoutNs: null, maxQueue: null, cutNs: 60e9 }

  const memory = await runOpenLoop(instances, {
    plan: { kind: 'burst', size: 50, everyMs: 20, bursts: 2 },
    limits,
    firstIndex: 0
  })
  await instances.close()

  expect(memory.records.outcomes.every((outcome) => outcome === OUTCOME.answered)).toBe(true)
  expect(new Set(memory.records.instances)).toEqual(new Set([0, 1]))
})

test('a model that is not there is explained', async () => {
  await expect(startInstanceThreads(2, source('absent.onnx'))).rejects.toThrow(/cannot load `absent\.onnx`/)
})
