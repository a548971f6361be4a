import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BenchmarkResult, type CaseResult } from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import { DEFAULT_EQUIVALENCE, type EquivalencePolicy } from '#contracts/outputs.ts'
import { BASELINE_SHA, caseSpec, smallJob } from '#test/fixtures/measuring/small-job.ts'
import { decoderModel } from '#test/fixtures/onnx/decoder-model.ts'
import { int64Values } from '#test/fixtures/onnx/weights.ts'
import { identityModel, perceptronModel } from '#test/fixtures/onnx/write-model.ts'
import { createJobRunner } from '#workers/create-job-runner.ts'
import { node, tensor, tensorValue, writeModel } from '#workers/onnx/write-model.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'

type Files = Readonly<Record<string, Uint8Array | string>>

const SIZE = { rows: 1, width: 16, layers: 2 }
const MODEL = perceptronModel(SIZE)
const OTHER_WEIGHTS = perceptronModel({ ...SIZE, seed: 2 })

const bubblewrap = await findBubblewrap()
let workRoot = ''

beforeEach(async () => {
  workRoot = await mkdtemp(join(tmpdir(), 'tailgate-check-'))
})

afterEach(() => rm(workRoot, { recursive: true }))

async function measure(
  cases: readonly CaseSpec[],
  files: { readonly baseline: Files; readonly candidate: Files }
): Promise<readonly CaseResult[]> {
  const runner = createJobRunner({
    workerId: 'test',
    workRoot,
    bubblewrap,
    fetchCommit: async (_job, sha, directory) => {
      for (const [path, content] of Object.entries(files[sha === BASELINE_SHA ? 'baseline' : 'candidate'])) {
        await mkdir(dirname(join(directory, path)), { recursive: true })
        await writeFile(join(directory, path), content)
      }
    }
  })
  const job = smallJob(cases, { looks: [6], warmUpRequests: 2 })
  const { signal } = new AbortController()
  return BenchmarkResult.parse(await runner(job, { signal, reportProgress: () => {} })).cases
}

function withPolicy(spec: CaseSpec, changes: Partial<EquivalencePolicy> = {}): CaseSpec {
  return { ...spec, equivalence: { ...DEFAULT_EQUIVALENCE, samples: 4, ...changes } }
}

/** `y = x` for batches that have the right size, and zero for all others. */
function batchCountingModel(rightSize: 'same' | 'one'): Uint8Array {
  return writeModel({
    producer: 'tailgate-tests',
    nodes: [
      node({ type: 'Shape', inputs: ['x'], outputs: ['shape'] }),
      node({ type: 'Gather', inputs: ['shape', 'first'], outputs: ['same'] }),
      node({ type: 'Equal', inputs: ['same', rightSize], outputs: ['is_right'] }),
      node({ type: 'Cast', inputs: ['is_right'], outputs: ['factor'], attributes: { to: { int: 1 } } }),
      node({ type: 'Mul', inputs: ['x', 'factor'], outputs: ['y'] })
    ],
    initializers: [tensor('first', 'int64', [], int64Values(0)), tensor('one', 'int64', [], int64Values(1))],
    inputs: [tensorValue('x', 'float32', ['batch', 4])],
    outputs: [tensorValue('y', 'float32', ['batch', 4])]
  })
}

const same = (files: Files) => ({ baseline: files, candidate: files })
const MLP = { 'models/mlp.onnx': MODEL }

describe('what both sides answer', () => {
  test('is compared on as many items as the policy asks for, however many a request carries', async () => {
    const single = withPolicy(caseSpec('mlp'))
    const offline = withPolicy(caseSpec('mlp', { scenario: { kind: 'offline', batchSize: 2 } }))
    const results = await measure([single, offline], same(MLP))

    for (const [index, samplesCompared] of [4, 2].entries()) {
      expect(results[index]).toMatchObject({
        status: 'measured',
        outputs: {
          status: 'compared',
          samplesCompared,
          noiseComparisons: samplesCompared,
          outputs: [{ statistics: { mismatched: 0, maxAbsError: 0 } }]
        },
        inspection: { baseline: { graph: { kind: 'read' } }, candidate: { graph: { kind: 'read' } } }
      })
    }
  })

  test('keeps a case from being measured where it differs and the policy blocks', async () => {
    const [result] = await measure([withPolicy(caseSpec('mlp'), { mode: 'block' })], {
      baseline: MLP,
      candidate: { 'models/mlp.onnx': OTHER_WEIGHTS }
    })

    expect(result).toMatchObject({ status: 'not_equivalent', outputs: { status: 'compared' } })
  })

  test('is looked at with the batches that are measured: a candidate may be wrong in these only', async () => {
    const single = withPolicy(caseSpec('mlp'), { mode: 'block' })
    const offline = withPolicy(caseSpec('mlp', { scenario: { kind: 'offline', batchSize: 2 } }), { mode: 'block' })
    const results = await measure([offline, single], {
      baseline: { 'models/mlp.onnx': batchCountingModel('same') },
      candidate: { 'models/mlp.onnx': batchCountingModel('one') }
    })

    expect(results).toMatchObject([{ status: 'not_equivalent' }, { status: 'measured' }])
  })

  test('a batch that a model cannot take is refused, and nothing else with it', async () => {
    const single = withPolicy(caseSpec('mlp'))
    const offline = withPolicy(caseSpec('mlp', { scenario: { kind: 'offline', batchSize: 2 } }))
    const results = await measure([offline, single], same({ 'models/mlp.onnx': identityModel('float32', [1, 4]) }))

    expect(results).toMatchObject([{ status: 'not_measured' }, { status: 'measured' }])
  })

  test('is only reported where the model itself changed and the policy leaves it open', async () => {
    const [result] = await measure([withPolicy(caseSpec('mlp'))], {
      baseline: MLP,
      candidate: { 'models/mlp.onnx': OTHER_WEIGHTS }
    })

    expect(result).toMatchObject({ status: 'measured', outputs: { status: 'compared' } })
    const mismatched = result?.status === 'measured' && result.outputs?.status === 'compared' && result.outputs.outputs
    expect(mismatched).toMatchObject([{ statistics: { mismatched: expect.any(Number) } }])
    expect(mismatched ? mismatched[0]?.statistics.mismatched : 0).toBeGreaterThan(0)
  })

  test('is not looked at where comparing is switched off', async () => {
    const [result] = await measure([withPolicy(caseSpec('mlp'), { mode: 'off' })], same(MLP))

    expect(result).toMatchObject({ status: 'measured', outputs: { status: 'not_compared', reason: 'off' } })
  })

  test('is compared token by token where tokens are generated', async () => {
    const scenario = {
      kind: 'generate',
      promptTokens: 3,
      newTokens: 5,
      goodput: null,
      tokenInput: null,
      logitsOutput: null
    } as const
    const [result] = await measure([withPolicy(caseSpec('decoder', { scenario }))], {
      baseline: { 'models/decoder.onnx': decoderModel() },
      candidate: { 'models/decoder.onnx': decoderModel() }
    })

    expect(result).toMatchObject({
      outputs: { tokens: { statistics: { samples: 4, identicalSamples: 4, baselineTokens: 20, candidateTokens: 20 } } }
    })
  })
})

test('accuracy is scored on labelled samples of the baseline commit, whatever the candidate has there', async () => {
  const samples = [0, 1, 2, 3].map((seed) => ({ x: { shape: [1, 1, 16], data: ramp(seed) } }))
  const spec: CaseSpec = {
    ...caseSpec('mlp'),
    accuracy: {
      metric: 'top1',
      output: null,
      samples: [{ path: 'bench/samples.json', input: null }],
      labels: 'bench/labels.json',
      maxDrop: 0.01
    }
  }
  const labelled = { 'bench/samples.json': JSON.stringify(samples), 'bench/labels.json': '[0, 1, 2, 3]' }
  const [result] = await measure([spec], {
    baseline: { ...MLP, ...labelled },
    candidate: { ...MLP, 'bench/samples.json': '[]', 'bench/labels.json': 'broken' }
  })

  const accuracy = result?.status === 'measured' ? result.accuracy : undefined
  if (accuracy === undefined) throw new Error(JSON.stringify(result).slice(0, 600))
  expect(accuracy).toMatchObject({ kind: 'answers', samples: 4, onlyBaselineRight: 0, onlyCandidateRight: 0 })
})

test('labels that cannot be used are told, and the case is measured all the same', async () => {
  const accuracy = {
    metric: 'top1',
    output: null,
    samples: [{ path: 'bench/samples.json', input: null }],
    labels: 'bench/labels.json',
    maxDrop: 0.01
  } as const
  const [result] = await measure(
    [{ ...caseSpec('mlp'), accuracy: { ...accuracy, samples: [...accuracy.samples] } }],
    same(MLP)
  )

  expect(result).toMatchObject({
    status: 'measured',
    accuracy: { kind: 'not_scored', message: expect.stringContaining('bench/samples.json') }
  })
})

test('a case that moved is profiled on both sides, and one that did not is not', async () => {
  const slower = perceptronModel({ ...SIZE, width: 256, layers: 8 })
  const faster = perceptronModel({ ...SIZE, width: 256, layers: 2 })
  const [moved, still] = await measure([caseSpec('deep'), caseSpec('mlp')], {
    baseline: { ...MLP, 'models/deep.onnx': faster },
    candidate: { ...MLP, 'models/deep.onnx': slower }
  })

  const profilesOf = (result: CaseResult | undefined) =>
    result?.status === 'measured' ? result.inspection?.candidate.profiles.map(({ kind }) => kind) : undefined
  expect(profilesOf(moved)).toEqual(Array.from({ length: 6 }, () => 'read'))
  expect(profilesOf(still)).toEqual([])
})

function ramp(seed: number): number[] {
  return Array.from({ length: 16 }, (_, index) => Math.sin(seed + index))
}
