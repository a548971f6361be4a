import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { INFERRED_INPUTS, type InputSpec } from '#contracts/inputs.ts'
import { DEFAULT_SESSION, type SessionSpec } from '#contracts/session.ts'
import {
  identityModel,
  perceptronModel,
  pickyModel,
  SMALL_PERCEPTRON,
  truncatedModel
} from '#test/fixtures/onnx/write-model.ts'
import { importEngine } from '#workers/side/import-engine.ts'
import { createSideHandler } from '#workers/side/loaded-cases.ts'
import { type LoadRequest, SideReply } from '#workers/side/protocol.ts'

const directory = await mkdtemp(join(tmpdir(), 'tailgate-cases-'))
const engine = importEngine(null)

afterAll(() => rm(directory, { recursive: true, force: true }))

async function loadRequest(
  model: Uint8Array,
  inputs: Partial<InputSpec> = {},
  session: Partial<SessionSpec> = {}
): Promise<LoadRequest> {
  const modelFile = join(directory, `${crypto.randomUUID()}.onnx`)
  await writeFile(modelFile, model)
  return {
    kind: 'load',
    caseIndex: 0,
    modelFile,
    modelPath: 'models/a.onnx',
    session: { ...DEFAULT_SESSION, ...session },
    inputs: { ...INFERRED_INPUTS, ...inputs },
    batchSize: 1,
    scenario: { kind: 'single_stream' },
    engineDirectory: null
  }
}

/** The reply as the supervisor reads it. */
async function ask(request: LoadRequest, then: 'nothing' | 'try' = 'nothing') {
  const handle = createSideHandler(engine)
  const loaded = SideReply.parse(await handle(request))
  return loaded.kind === 'failed' || then === 'nothing'
    ? loaded
    : SideReply.parse(await handle({ kind: 'try', caseIndex: 0 }))
}

describe('a side', () => {
  test('tells what it loaded', async () => {
    const dims = { batch: { choices: [1, 2], weights: [] } }

    expect(await ask(await loadRequest(perceptronModel(SMALL_PERCEPTRON), { dims, samples: 4 }))).toMatchObject({
      kind: 'loaded',
      inputs: [{ name: 'x', type: 'float32' }],
      outputs: [{ name: 'y', type: 'float32', shape: ['batch', 4, 256] }],
      sampleFacts: { samples: 4, shapes: 2 }
    })
  })

  test('runs as many requests as it is asked to, whatever the number of samples', async () => {
    const handle = createSideHandler(engine)
    await handle(await loadRequest(identityModel('float32', ['n']), { samples: 3 }))

    const reply = await handle({ kind: 'run', caseIndex: 0, requests: 7 })

    expect(reply).toMatchObject({ kind: 'ran', errors: 0 })
    expect(reply.kind === 'ran' ? reply.latenciesNs : []).toHaveLength(7)
  })

  test('requests of a sample that the model refuses count as failed', async () => {
    const handle = createSideHandler(engine)
    const dims = { length: { choices: [5, 6], weights: [] } }
    await handle(await loadRequest(pickyModel(), { dims, samples: 2 }))

    expect(await handle({ kind: 'run', caseIndex: 0, requests: 10 })).toMatchObject({ errors: 5 })
  })

  test('a case that was never loaded is a mistake of the supervisor', async () => {
    await expect(createSideHandler(engine)({ kind: 'try', caseIndex: 3 })).rejects.toThrow('Case 3 was never loaded.')
  })
})

describe('what cannot work fails before anything is measured, with what the model takes', () => {
  test.each<[string, Uint8Array, Partial<InputSpec>, string, RegExp]>([
    ['half a file', truncatedModel(), {}, 'model_unreadable', /cannot load `models\/a.onnx`/],
    [
      'a shape',
      perceptronModel(SMALL_PERCEPTRON),
      { overrides: { x: { shape: [1, 4, 255] } } },
      'input_unsupported',
      /\[1, 4, 255\] is set for input `x`, and the model takes x: float32\[batch, 4, 256\]/
    ],
    [
      'an input',
      perceptronModel(SMALL_PERCEPTRON),
      { overrides: { y: { value: 1 } } },
      'input_unsupported',
      /input `y`, which the model does not have/
    ],
    [
      'a dimension',
      perceptronModel(SMALL_PERCEPTRON),
      { dims: { bacth: 2 } },
      'input_unsupported',
      /dimension `bacth`, which the model does not have/
    ],
    [
      'a distribution',
      identityModel('int8', [1]),
      { overrides: { x: { distribution: { kind: 'normal', mean: 0, sd: 1 } } } },
      'input_unsupported',
      /`x` is int8, and is to get normal values/
    ],
    ['a type', identityModel('string', [1]), {}, 'input_unsupported', /strings are not generated/],
    [
      'too much',
      identityModel('float32', ['n']),
      { dims: { n: 1_000_000 }, samples: 100 },
      'input_unsupported',
      /the 100 samples together would carry more than 67108864 elements/
    ]
  ])('%s', async (_, model, inputs, code, message) => {
    expect(await ask(await loadRequest(model, inputs))).toMatchObject({
      kind: 'failed',
      code,
      message: expect.stringMatching(message)
    })
  })

  test('a value inside the model, of one sample of several', async () => {
    const dims = { length: { choices: [5, 6], weights: [] } }

    expect(await ask(await loadRequest(pickyModel(), { dims, samples: 2 }), 'try')).toMatchObject({
      kind: 'failed',
      code: 'inference_failed',
      message: expect.stringContaining('The model takes x: float32[length]; it was fed x: float32[6].')
    })
  })

  test('an execution provider that is not there', async () => {
    const reply = await ask(await loadRequest(identityModel('float32', [1]), {}, { executionProvider: 'tensorrt' }))

    // Where TensorRT is there, it loads.
    if (reply.kind === 'failed')
      expect(reply.message).toMatch(/cannot be loaded with tensorrt, which does not work here/)
  })
})
