import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BenchmarkResult, type CaseResult } from '#contracts/benchmark-result.ts'
import { INFERRED_INPUTS, type InputSpec } from '#contracts/inputs.ts'
import { type Block, MeasuredCase, type SeriesName } from '#contracts/measurements.ts'
import type { Metric } from '#contracts/metric.ts'
import type { ScenarioSpec } from '#contracts/scenario.ts'
import { judgeRun } from '#stats/judge-run.ts'
import { toRoundTerms } from '#stats/round-terms.ts'
import { caseSpec, smallJob } from '#test/fixtures/measuring/small-job.ts'
import { decoderModel } from '#test/fixtures/onnx/decoder-model.ts'
import { perceptronModel } from '#test/fixtures/onnx/write-model.ts'
import { createJobRunner } from '#workers/create-job-runner.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'

const ROUNDS = 2
const bubblewrap = await findBubblewrap()

let workRoot = ''

beforeEach(async () => {
  workRoot = await mkdtemp(join(tmpdir(), 'tailgate-scenarios-'))
})

afterEach(() => rm(workRoot, { recursive: true }))

const FILES: Readonly<Record<string, Uint8Array>> = {
  'models/mlp.onnx': perceptronModel({ rows: 1, width: 64, layers: 2 }),
  'models/decoder.onnx': decoderModel()
}

async function measure(
  model: string,
  scenario: ScenarioSpec,
  inputs: InputSpec = INFERRED_INPUTS
): Promise<CaseResult> {
  const runner = createJobRunner({
    workerId: 'test',
    workRoot,
    bubblewrap,
    fetchCommit: async (_job, _sha, directory) => {
      for (const [path, content] of Object.entries(FILES)) {
        await mkdir(dirname(join(directory, path)), { recursive: true })
        await writeFile(join(directory, path), content)
      }
    }
  })
  const job = smallJob([caseSpec(model, { scenario, inputs })], { looks: [ROUNDS], warmUpRequests: 2 })
  const { signal } = new AbortController()
  const result = BenchmarkResult.parse(await runner(job, { signal, reportProgress: () => {} }))
  const [first] = result.cases
  if (first === undefined) throw new Error(JSON.stringify(result.failure))
  return first
}

function blocksOf(result: CaseResult): readonly Block[] {
  if (result.status !== 'measured') throw new Error(JSON.stringify(result))
  return result.blocks
}

function judge(scenario: ScenarioSpec, result: CaseResult) {
  const measured = MeasuredCase.parse({ id: 'case', blocks: blocksOf(result), ...toRoundTerms(scenario) })
  const [item] = judgeRun({ cases: [measured] }).cases
  if (item === undefined) throw new Error('Nothing was judged.')
  return item
}

interface Expected {
  readonly series: readonly SeriesName[]
  /** Whether blocks tell what load they met. */
  readonly hasLoad: boolean
  readonly metrics: readonly Metric[]
}

const SERVER = { kind: 'server', ratePerS: 400, arrival: 'poisson', timeoutMs: null, maxQueue: null, seed: 1 } as const
const GENERATE = { kind: 'generate', promptTokens: 4, newTokens: 6, tokenInput: null, logitsOutput: null } as const
const CLOSED_LOOP: readonly Metric[] = ['p50', 'throughput', 'p95', 'p99', 'slow_share']
const OPEN_LOOP: readonly Metric[] = ['p50', 'throughput', 'p95', 'p99']

describe('every scenario is measured and judged', () => {
  test.each<[string, ScenarioSpec, Expected]>([
    [
      'mlp',
      { kind: 'multi_stream', samplesPerQuery: 4, instances: 2 },
      { series: [], hasLoad: false, metrics: CLOSED_LOOP }
    ],
    ['mlp', { ...SERVER, instances: 1 }, { series: ['queueNs', 'serviceNs'], hasLoad: true, metrics: OPEN_LOOP }],
    ['mlp', { ...SERVER, instances: 2 }, { series: ['queueNs', 'serviceNs'], hasLoad: true, metrics: OPEN_LOOP }],
    [
      'mlp',
      { kind: 'burst', size: 8, everyMs: 50, instances: 1 },
      { series: ['queueNs', 'serviceNs'], hasLoad: true, metrics: OPEN_LOOP }
    ],
    [
      'mlp',
      { kind: 'cold_start' },
      { series: ['processNs', 'requireNs', 'createNs', 'firstNs'], hasLoad: false, metrics: ['ready'] }
    ],
    [
      'decoder',
      { ...GENERATE, goodput: { ttftMs: 500, itlMs: 500 } },
      {
        series: ['ttftNs', 'itlNs'],
        hasLoad: false,
        metrics: ['ttft', 'itl', 'tokens_per_s']
      }
    ],
    [
      'mlp',
      { kind: 'soak', seconds: 2 },
      {
        series: ['rssBytes', 'inferences'],
        hasLoad: false,
        metrics: CLOSED_LOOP
      }
    ]
  ])('%s in %o', async (model, scenario, expected) => {
    const result = await measure(model, scenario)

    const blocks = blocksOf(result)
    expect(new Set(blocks.map(({ launch }) => launch)).size).toBe(ROUNDS)
    expect(blocks.flatMap(({ errors }) => (errors > 0 ? [errors] : []))).toEqual([])
    for (const name of expected.series) {
      expect([name, blocks.some(({ series }) => (series?.[name]?.length ?? 0) > 0)]).toEqual([name, true])
    }
    expect(blocks.every(({ load }) => (load !== undefined) === expected.hasLoad)).toBe(true)
    expect(judge(scenario, result).metrics.map(({ metric }) => metric)).toEqual(
      expect.arrayContaining([...expected.metrics])
    )
  })

  test('a ramp has a quad for each of its steps, and both sides the same arrivals', async () => {
    const scenario: ScenarioSpec = {
      kind: 'ramp',
      fromPerS: 200,
      toPerS: 800,
      steps: 3,
      arrival: 'constant',
      instances: 1,
      slo: { percentile: 'p95', latencyMs: 1000 },
      seed: 1
    }
    const result = await measure('mlp', scenario)
    const first = blocksOf(result).filter(({ launch }) => launch === 0)
    const offered = Map.groupBy(first, ({ quad }) => quad)

    expect([...offered.values()].map((quad) => quad.map(({ load }) => Math.round(load?.offeredPerS ?? 0)))).toEqual([
      [200, 200, 200, 200],
      [400, 400, 400, 400],
      [800, 800, 800, 800]
    ])
    expect(new Set(first.map(({ quad, load }) => `${quad}: ${load?.arrivals}`)).size).toBe(3)
    expect(judge(scenario, result).facts).toMatchObject({ kind: 'ramp' })
  })

  test('samples of several sizes are fed in turns', async () => {
    const result = await measure('mlp', { kind: 'single_stream' }, { ...INFERRED_INPUTS, samples: 4, overrides: {} })
    expect(blocksOf(result).every(({ errors }) => errors === 0)).toBe(true)
  })

  test('a model that cannot decode is refused before it is measured', async () => {
    expect(await measure('mlp', { ...GENERATE, goodput: null })).toMatchObject({
      status: 'not_measured',
      failure: { code: 'input_unsupported', message: expect.stringContaining('mlp.onnx') }
    })
  })

  test('a cold start of a model that cannot be loaded says why', async () => {
    expect(await measure('absent', { kind: 'cold_start' })).toMatchObject({
      status: 'not_measured',
      failure: { code: 'model_missing' }
    })
  })
})
