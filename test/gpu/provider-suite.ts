import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { INFERRED_INPUTS, type InputSpec } from '#contracts/inputs.ts'
import { DEFAULT_SESSION, type ExecutionProvider, type SessionSpec } from '#contracts/session.ts'
import { caseSpec, smallJob } from '#test/fixtures/measuring/small-job.ts'
import { cnnModel } from '#test/fixtures/onnx/cnn-model.ts'
import { perceptronModel } from '#test/fixtures/onnx/write-model.ts'
import { createJobRunner } from '#workers/create-job-runner.ts'
import { probeProviders } from '#workers/device/probe-providers.ts'
import { node, tensorValue, writeModel } from '#workers/onnx/write-model.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { createInstance, type InstanceRequest } from '#workers/side/create-instance.ts'
import { importEngine } from '#workers/side/import-engine.ts'
import { createSideHandler } from '#workers/side/loaded-cases.ts'

const bubblewrap = await findBubblewrap()

/** Determinants, which ONNX Runtime computes on the processor only. */
function processorOnlyModel(): Uint8Array {
  return writeModel({
    nodes: [node({ type: 'Det', inputs: ['x'], outputs: ['y'] })],
    inputs: [tensorValue('x', 'float32', [2, 3, 3])],
    outputs: [tensorValue('y', 'float32', [2])]
  })
}

/**
 * The tests that every execution provider has to pass on a machine where it works. Elsewhere they are skipped, and the reason
 * stands in their name.
 */
export async function describeProvider(provider: ExecutionProvider): Promise<void> {
  const asked = [{ provider, deviceId: 0 }]
  const [probe] = await probeProviders({ asked, bubblewrap: null, engineDirectory: null })
  const reason = probe?.kind === 'missing' ? probe.problem.message : null
  if (reason !== null) process.stdout.write(`The tests on ${provider} are skipped: ${reason}\n`)
  const name = reason === null ? `on ${provider}` : `on ${provider} (skipped: ${reason})`
  describe.skipIf(reason !== null)(name, () => listTests(provider))
}

function listTests(provider: ExecutionProvider): void {
  const engine = importEngine(null)
  let directory = ''

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tailgate-gpu-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  async function request(
    model: Uint8Array,
    session: Partial<SessionSpec>,
    inputs: Partial<InputSpec> = {}
  ): Promise<InstanceRequest> {
    const modelFile = join(directory, `${crypto.randomUUID()}.onnx`)
    await writeFile(modelFile, model)
    return {
      modelFile,
      modelPath: 'a.onnx',
      session: { ...DEFAULT_SESSION, ...session },
      inputs: { ...INFERRED_INPUTS, ...inputs },
      batchSize: 1
    }
  }

  /** Answers to the first requests, one after another: two inferences at a time are not what is measured. */
  async function answers(asked: InstanceRequest, requests: number): Promise<readonly number[]> {
    const outcome = await createInstance(engine, asked)
    if (outcome.kind === 'failed') throw new Error(outcome.message)
    const numbers: number[] = []
    for (let index = 0; index < requests; index += 1) {
      for (const value of Object.values(await outcome.instance.send(index))) {
        if ('data' in value && value.data instanceof Float32Array) numbers.push(...value.data)
      }
    }
    return numbers
  }

  test.each([
    ['a perceptron in batches of several sizes', () => perceptronModel({ rows: 4, width: 32, layers: 3 }), 4],
    ['a convolutional network', () => cnnModel(), 1]
  ])('%s answers as on the processor', async (_, model, samples) => {
    const bytes = model()
    const inputs = samples === 1 ? {} : { samples, dims: { batch: { choices: [1, 3], weights: [] } } }
    const expected = await answers(await request(bytes, {}, inputs), samples)
    const found = await answers(await request(bytes, { executionProvider: provider }, inputs), samples)

    expect(found).toHaveLength(expected.length)
    const worst = found.reduce((most, value, index) => Math.max(most, Math.abs(value - (expected[index] ?? 0))), 0)
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expect(largest).toBeGreaterThan(0)
    // Tensor cores round float32 to ten bits.
    expect(worst / largest).toBeLessThan(5e-3)
  })

  test.skipIf(bubblewrap === null)('a job in the sandbox measures on it (needs bubblewrap)', async () => {
    const runner = createJobRunner({
      workerId: 'test',
      workRoot: directory,
      bubblewrap,
      fetchCommit: async (_job, _sha, checkout) => {
        await mkdir(join(checkout, 'models'))
        await writeFile(join(checkout, 'models/net.onnx'), perceptronModel({ rows: 1, width: 32, layers: 3 }))
      }
    })
    const spec = caseSpec('net')
    const side = { ...spec.baseline, session: { ...DEFAULT_SESSION, executionProvider: provider } }
    const job = smallJob([{ ...spec, baseline: side, candidate: side }])

    const result = await runner(job, { signal: new AbortController().signal, reportProgress: () => {} })

    expect(result).toMatchObject({ failure: null, cases: [{ status: 'measured' }] })
    expect(result.fingerprint.device).not.toMatch(/^CPU/)
  })

  test('a side loads, tries and runs a model', async () => {
    const handle = createSideHandler(engine)
    const load = {
      ...(await request(perceptronModel({ rows: 4, width: 32, layers: 3 }), { executionProvider: provider })),
      kind: 'load',
      caseIndex: 0,
      scenario: { kind: 'single_stream' },
      engineDirectory: null
    } as const

    expect(await handle(load)).toMatchObject({ kind: 'loaded' })
    expect(await handle({ kind: 'try', caseIndex: 0 })).toMatchObject({ kind: 'tried' })
    expect(await handle({ kind: 'run', caseIndex: 0, requests: 5 })).toMatchObject({ kind: 'ran', errors: 0 })
  })

  test('operators that only the processor has run there, unless that is forbidden', async () => {
    const model = processorOnlyModel()
    const allowed = await createInstance(engine, await request(model, { executionProvider: provider }))
    const forbidden = await createInstance(
      engine,
      await request(model, { executionProvider: provider, cpuFallback: 'forbid' })
    )

    expect(allowed.kind).toBe('created')
    expect(forbidden).toMatchObject({
      kind: 'failed',
      message: `\`a.onnx\` has operators that ${provider} cannot run, and the session forbids to run them on the processor.`
    })
  })
}
