import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ElementType, INFERRED_INPUTS, type InputSpec } from '#contracts/inputs.ts'
import { DEFAULT_SESSION } from '#contracts/session.ts'
import { identityModel, pickyModel } from '#test/fixtures/onnx/write-model.ts'
import { createInstance, type Instance, type InstanceRequest } from '#workers/side/create-instance.ts'
import { importEngine } from '#workers/side/import-engine.ts'

const engine = importEngine(null)
let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailgate-instance-'))
})

afterAll(() => rm(directory, { recursive: true, force: true }))

async function request(model: Uint8Array, inputs: Partial<InputSpec>): Promise<InstanceRequest> {
  const modelFile = join(directory, `${crypto.randomUUID()}.onnx`)
  await writeFile(modelFile, model)
  return {
    modelFile,
    modelPath: 'models/a.onnx',
    session: DEFAULT_SESSION,
    inputs: { ...INFERRED_INPUTS, ...inputs },
    batchSize: 1
  }
}

async function create(model: Uint8Array, inputs: Partial<InputSpec> = {}): Promise<Instance> {
  const outcome = await createInstance(engine, await request(model, inputs))
  if (outcome.kind === 'failed') throw new Error(outcome.message)
  return outcome.instance
}

/** What the model answered: of an identity, its input. */
async function answer(instance: Instance, index: number): Promise<readonly unknown[]> {
  const { y } = await instance.send(index)
  if (y === undefined || !('data' in y) || !isIterable(y.data)) throw new Error('The model has no output y.')
  return [...y.data]
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

describe('every element type that ONNX Runtime for Node.js takes', () => {
  test.each<[Exclude<ElementType, 'string'>, unknown]>([
    ['float32', 2],
    ['float64', 2],
    // Half-precision bits of 2.
    ['float16', 0x4000],
    ['int8', 2],
    ['uint8', 2],
    ['int16', 2],
    ['uint16', 2],
    ['int32', 2],
    ['uint32', 2],
    ['int64', 2n],
    ['uint64', 2n]
  ])('%s is generated and passes through a model', async (type, two) => {
    const distribution = { kind: 'integers', low: 2, high: 2 } as const
    const instance = await create(identityModel(type, [3]), { overrides: { x: { distribution } } })

    expect(await answer(instance, 0)).toEqual([two, two, two])
    expect(instance.outputs).toEqual([{ name: 'y', type, shape: [3] }])
  })

  test('bool is generated too', async () => {
    const instance = await create(identityModel('bool', [2]), { overrides: { x: { value: 1 } } })

    expect(await answer(instance, 0)).toEqual([1, 1])
  })

  test.each([['bfloat16', /^Input `x` of `models\/a.onnx` has the element type bfloat16/]] as const)(
    '%s is refused when the model is loaded',
    async (type, message) => {
      const outcome = await createInstance(engine, await request(identityModel(type, [2]), {}))

      expect(outcome).toMatchObject({ kind: 'failed', code: 'input_unsupported' })
      expect(outcome).toMatchObject({ message: expect.stringMatching(message) })
    }
  )
})

describe('recorded samples', () => {
  async function createRecorded(model: Uint8Array, path: string, batchSize = 1) {
    const recorded = [{ file: join(import.meta.dirname, '../../fixtures/recorded', path), path, input: null }]
    const asked = await request(model, { recorded: [{ path, input: null }] })
    return createInstance(engine, { ...asked, recorded, batchSize })
  }

  test.each([
    ['float32', 'float32.npy', [0, 1, 1, 1, 0, 1]],
    ['float16', 'float16.npy', [0, 0x3c00, 0x3c00, 0x3c00, 0, 0x3c00]],
    ['bool', 'bool.npy', [0, 1, 1, 1, 0, 1]],
    ['int64', 'int64.npy', [0n, 1n, 1n, 1n, 0n, 1n]]
  ] as const)('%s passes through a model', async (type, path, elements) => {
    const outcome = await createRecorded(identityModel(type, ['batch', 3]), path)

    if (outcome.kind === 'failed') throw new Error(outcome.message)
    expect(await answer(outcome.instance, 0)).toEqual(elements)
  })

  test('without their files nothing is made up in their place', async () => {
    const asked = await request(identityModel('float32', ['n', 3]), { recorded: [{ path: 'a.npy', input: null }] })

    await expect(createInstance(engine, asked)).rejects.toThrow('The files of the recorded samples were not given.')
  })

  test('so do strings, which are only ever recorded', async () => {
    const outcome = await createRecorded(identityModel('string', ['batch', 2]), 'unicode.npy', 2)

    if (outcome.kind === 'failed') throw new Error(outcome.message)
    const texts = ['a', 'é\u{1f600}', '', 'longer']
    expect(await answer(outcome.instance, 0)).toEqual([...texts, ...texts])
    expect(outcome.instance.fed).toEqual([{ name: 'x', type: 'string', shape: [4, 2] }])
  })

  test.each([
    [
      'float32',
      [2, 2],
      'float32.npy',
      '`models/a.onnx`: `float32.npy` has float32[2, 3], and the model takes x: float32[2, 2].'
    ],
    [
      'int32',
      ['n', 3],
      'float32.npy',
      '`models/a.onnx`: `float32.npy` has float32[2, 3], and the model takes x: int32[n, 3].'
    ],
    [
      'int64',
      ['n'],
      'stored.npz',
      '`models/a.onnx`: `stored.npz`, array `ids` is for the input `ids`, which the model does not have.'
    ],
    ['float32', ['n'], 'objects.npy', /`objects.npy` holds Python objects/]
  ] as const)('%s%j is not fed what does not fit: %s', async (type, shape, path, message) => {
    const outcome = await createRecorded(identityModel(type, shape), path)

    expect(outcome).toMatchObject({ kind: 'failed', code: 'input_unsupported' })
    expect(outcome.kind === 'failed' ? outcome.message : '').toMatch(message)
  })
})

describe('createInstance', () => {
  test('two instances of one specification send the same values for the same request', async () => {
    const inputs = { samples: 5, dims: { n: { choices: [1, 2], weights: [] } } }
    const [first, second] = [
      await create(identityModel('float32', ['n']), inputs),
      await create(identityModel('float32', ['n']), inputs)
    ]
    const answers = await Promise.all([0, 1, 2, 3, 4].map((index) => answer(first, index)))

    expect(await Promise.all([0, 1, 2, 3, 4].map((index) => answer(second, index)))).toEqual(answers)
    expect(new Set(answers.map(String)).size).toBe(5)
    expect(first.sampleFacts).toMatchObject({ samples: 5, shapes: 2 })
  })

  test('threads have instances of their own, which send the same values', async () => {
    const shared = await request(identityModel('float32', [2]), { samples: 3 })
    const program = new URL('../../fixtures/side/instance-thread.ts', import.meta.url)
    const threads = [1, 2, 3].map(async () => {
      const thread = new Worker(program, { workerData: { request: shared, requests: 6 } })
      const [answers] = await once(thread, 'message')
      await thread.terminate()
      return answers
    })

    const [first, ...others] = await Promise.all(threads)
    expect(new Set(first).size).toBe(3)
    expect(others).toEqual([first, first])
  })

  test('requests take the samples in turns', async () => {
    const instance = await create(identityModel('float32', [2]), { samples: 3 })
    const samples = [0, 1, 2].map(instance.sampleOf)

    expect([...samples].sort()).toEqual([0, 1, 2])
    expect(await answer(instance, 3)).toEqual(await answer(instance, 0))
    expect(await answer(instance, 1)).not.toEqual(await answer(instance, 0))
  })

  test('a sample that the model refuses is told with its own shape beside what the model takes', async () => {
    const instance = await create(pickyModel(), { samples: 2, dims: { length: { choices: [5, 6], weights: [] } } })
    const messages = await Promise.all(
      [0, 1].map((index) =>
        instance.send(index).then(
          () => 'answered',
          (error: unknown) => instance.describeFailure(error, index).message
        )
      )
    )

    expect(messages.toSorted()).toEqual([
      expect.stringContaining('The model takes x: float32[length]; it was fed x: float32[6].'),
      'answered'
    ])
  })
})
