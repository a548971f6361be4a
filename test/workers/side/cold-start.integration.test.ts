import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { DEFAULT_SESSION } from '#contracts/session.ts'
import { perceptronModel, SMALL_PERCEPTRON } from '#test/fixtures/onnx/write-model.ts'
import { machineNowNs } from '#workers/load/load-clock.ts'
import { type ColdStartRequest, readColdStart } from '#workers/scenarios/cold-start.ts'
import { FrameReader } from '#workers/side/frame-reader.ts'
import { numberFrame, writeJsonFrame } from '#workers/side/frames.ts'

const PROGRAM = join(import.meta.dirname, '../../../workers/side/cold-start.ts')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tailgate-cold-'))
  await writeFile(join(folder, 'small.onnx'), perceptronModel(SMALL_PERCEPTRON))
  await writeFile(join(folder, 'broken.onnx'), 'no model')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function startCold(modelPath: string): Promise<{ readonly reply: unknown; readonly wallNs: number }> {
  const startedNs = machineNowNs()
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe']
  })
  const [requests, replies] = child.stdio.slice(3)
  if (!(requests instanceof Duplex && replies instanceof Duplex)) throw new Error('no channel')
  const request: ColdStartRequest = {
    kind: 'cold_start',
    startedNs,
    engineDirectory: null,
    load: {
      modelFile: join(folder, modelPath),
      modelPath,
      session: DEFAULT_SESSION,
      inputs: INFERRED_INPUTS,
      batchSize: 1
    }
  }
  requests.end(numberFrame(writeJsonFrame(request), 7))
  const chunks: Buffer[] = []
  replies.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  const read = new FrameReader(10_000).push(Buffer.concat(chunks))
  if (read.kind !== 'frame' || read.frame.exchange !== 7) throw new Error('no reply')
  return { reply: JSON.parse(Buffer.from(read.frame.body).toString('utf8')), wallNs: machineNowNs() - startedNs }
}

test('a start says how long each of its phases took', async () => {
  const { reply, wallNs } = await startCold('small.onnx')

  const phases = readColdStart(reply, wallNs)
  expect(phases).not.toBeNull()
  expect(readColdStart(reply, (phases?.processNs ?? 0) + 1)).toBeNull()
})

test('a model that cannot be loaded is explained as everywhere else', async () => {
  const { reply } = await startCold('broken.onnx')

  expect(reply).toMatchObject({ kind: 'failed', code: 'model_unreadable' })
})
