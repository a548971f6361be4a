import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { DEFAULT_SESSION } from '#contracts/session.ts'
import { decoderModel } from '#test/fixtures/onnx/decoder-model.ts'
import { perceptronModel, SMALL_PERCEPTRON } from '#test/fixtures/onnx/write-model.ts'
import { runGenerate } from '#workers/scenarios/generate.ts'
import { createDecoder } from '#workers/side/create-decoder.ts'
import { importEngine } from '#workers/side/import-engine.ts'

const engine = importEngine(null)
const SCENARIO = {
  kind: 'generate',
  promptTokens: 6,
  newTokens: 10,
  goodput: null,
  tokenInput: null,
  logitsOutput: null
} as const
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tailgate-decoder-'))
  await writeFile(join(folder, 'decoder.onnx'), decoderModel())
  await writeFile(join(folder, 'counting.onnx'), decoderModel({ positionIds: false }))
  await writeFile(join(folder, 'perceptron.onnx'), perceptronModel(SMALL_PERCEPTRON))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function open(modelPath: string, { changes = {}, seed = 1, samples = 2 } = {}) {
  const request = {
    modelFile: join(folder, modelPath),
    modelPath,
    session: DEFAULT_SESSION,
    inputs: { ...INFERRED_INPUTS, seed, samples },
    batchSize: 1
  }
  return createDecoder(engine, request, { ...SCENARIO, ...changes })
}

async function generate(modelPath: string, index: number, options = {}): Promise<readonly number[]> {
  const outcome = await open(modelPath, options)
  if (outcome.kind === 'failed') throw new Error(outcome.message)
  await outcome.decoder.prefill(index)
  for (let gap = 1; gap < SCENARIO.newTokens; gap += 1) await outcome.decoder.decode()
  return [...outcome.decoder.tokens()]
}

describe('a decoder with a cache', () => {
  test.each(['decoder.onnx', 'counting.onnx'])('writes what %s writes without one', async (modelPath) => {
    const outcome = await open(modelPath)
    if (outcome.kind === 'failed') throw new Error(outcome.message)
    const fed: bigint[][] = []
    // Listens to what is fed, to know the prompt.
    const { session, decoder } = outcome
    const run = session.run.bind(session)
    Object.assign(session, {
      run: (feeds: Record<string, { data: BigInt64Array }>, fetches: string[]) => {
        fed.push([...(feeds.input_ids?.data ?? [])])
        return Reflect.apply(run, session, [feeds, fetches])
      }
    })

    const { errors } = await runGenerate(decoder, { requests: 1, newTokens: 10, firstIndex: 0 })
    const tokens = [...decoder.tokens()]

    expect(errors).toBe(0)
    expect(fed.map((ids) => ids.length)).toEqual([6, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    expect(tokens.length).toBe(10)
    expect(new Set(tokens).size).toBeGreaterThan(1)
    const whole = await decodeWithoutCache(run, fed[0] ?? [], modelPath === 'decoder.onnx')
    expect(tokens).toEqual(whole)
  })

  test('gives the same tokens for the same prompt, and others for others', async () => {
    const first = await generate('decoder.onnx', 0)

    expect(await generate('decoder.onnx', 2)).toEqual(first)
    expect(await generate('decoder.onnx', 1)).not.toEqual(first)
    expect(await generate('decoder.onnx', 0, { seed: 2 })).not.toEqual(first)
  })

  test('a model without a cache is refused with its signature', async () => {
    const outcome = await open('perceptron.onnx')

    expect(outcome).toMatchObject({ kind: 'failed', code: 'input_unsupported' })
    expect(outcome.kind === 'failed' && outcome.message).toMatch(/`perceptron\.onnx`: .*`input_ids`/)
  })

  test('a name that the model does not have is refused', async () => {
    expect(await open('decoder.onnx', { changes: { logitsOutput: 'scores' } })).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('`scores`')
    })
  })
})

/** Feeds all tokens anew for each next one, with empty caches. */
async function decodeWithoutCache(run: unknown, prompt: readonly bigint[], hasPositions: boolean): Promise<number[]> {
  if (typeof run !== 'function') throw new Error('no session')
  const ids = [...prompt]
  const { Tensor } = engine
  const caches = [0, 1].flatMap((layer) =>
    ['key', 'value'].map((part) => [
      `past_key_values.${layer}.${part}`,
      new Tensor('float32', new Float32Array(0), [1, 2, 0, 16])
    ])
  )
  while (ids.length < prompt.length + 10) {
    const shape = [1, ids.length]
    const outputs = await run({
      ...Object.fromEntries(caches),
      input_ids: new Tensor('int64', BigInt64Array.from(ids), shape),
      attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape),
      ...(hasPositions ? { position_ids: new Tensor('int64', BigInt64Array.from(ids.keys(), BigInt), shape) } : {})
    })
    const scores: number[] = [...outputs.logits.data.slice(-64)]
    ids.push(BigInt(scores.indexOf(Math.max(...scores))))
  }
  return ids.slice(prompt.length).map(Number)
}
