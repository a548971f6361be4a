import { describe, expect, test } from 'vitest'
import { BenchmarkJob, MeasuringPlan } from '#contracts/benchmark-job.ts'
import { CaseSpec } from '#contracts/case.ts'
import { DEFAULT_THRESHOLDS } from '#contracts/measurements.ts'
import type { TailgateConfig } from '#src/config/config.schema.ts'
import { parseConfig } from '#src/config/parse-config.ts'
import { type PlanInput, planRun } from '#src/plan/plan-run.ts'

function config(rest: string): TailgateConfig {
  const parsed = parseConfig(`version: 1\n${rest}`, { file: 'tailgate.yml' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.config
}

const VAD = config('models: { vad: { path: models/vad.onnx } }')

/** A pull request that changes nothing in a repository with one model, but for `change`. */
function plan(change: Partial<PlanInput>) {
  return planRun({
    policy: VAD,
    baseline: VAD,
    candidate: VAD,
    changedFiles: [],
    measureEverything: false,
    ...change
  })
}

const caseIds = (change: Partial<PlanInput>) => plan(change).cases.map(({ id }) => id)
const VAD_CASES = ['vad/default/single_stream', 'vad/default/offline']

describe('which cases are relevant', () => {
  test.each([
    ['its model file changed', ['models/vad.onnx'], VAD_CASES],
    ['external data beside it changed', ['models/vad.onnx.data'], VAD_CASES],
    ['external data with an underscore changed', ['models/vad.onnx_data'], VAD_CASES],
    ['a file in a folder of its name changed', ['models/vad.onnx/readme.md'], []],
    ['another model changed', ['models/other.onnx'], []],
    ['a model of its name elsewhere changed', ['vad.onnx', 'old/models/vad.onnx'], []],
    ['only documentation changed', ['README.md'], []],
    ['only the configuration file changed', ['.github/tailgate.yml'], []],
    ['nothing changed', [], []]
  ])('%s', (_name, changedFiles, expected) => {
    expect(caseIds({ changedFiles })).toEqual(expected)
  })

  test('its own, when a recorded sample changed', () => {
    const recorded = config('models: { vad: { path: models/vad.onnx, inputs: { recorded: [bench/a.npz] } } }')
    const sides = { baseline: recorded, candidate: recorded }
    expect(caseIds({ ...sides, changedFiles: ['bench/a.npz'] })).toEqual(VAD_CASES)
    expect(caseIds({ ...sides, changedFiles: ['bench/b.npz'] })).toEqual([])
  })

  test('every case, when the changed files are unknown', () => {
    expect(caseIds({ changedFiles: 'unknown' })).toEqual(VAD_CASES)
  })

  test('every case, when somebody asked', () => {
    expect(caseIds({ measureEverything: true })).toEqual(VAD_CASES)
  })

  test('every case, when a changed file matches the paths of the base branch', () => {
    const policy = config('models: { vad: { path: models/vad.onnx } }\npaths: ["weights/**"]')
    expect(caseIds({ policy, changedFiles: ['weights/a/b.bin'] })).toEqual(VAD_CASES)
    expect(caseIds({ policy, changedFiles: ['src/weights.py'] })).toEqual([])
  })

  test("the candidate's own paths are not used", () => {
    const candidate = config('models: { vad: { path: models/vad.onnx } }\npaths: ["**"]')
    expect(caseIds({ candidate, changedFiles: ['README.md'] })).toEqual([])
  })

  test.each([
    ['the path', 'models: { vad: { path: models/vad-2.onnx } }'],
    ['an input', 'models: { vad: { path: models/vad.onnx, inputs: { dims: { batch: 2 } } } }'],
    ['the seed', 'models: { vad: { path: models/vad.onnx, inputs: { seed: 2 } } }'],
    [
      'its session',
      'models: { vad: { path: models/vad.onnx } }\nsessions: { default: { graph_optimization_level: basic } }'
    ]
  ])('its own, when %s is configured differently', (_name, candidate) => {
    expect(caseIds({ candidate: config(candidate) })).toEqual(VAD_CASES)
  })

  test('none, when the configuration says the same in another order', () => {
    const written = (inputs: string) => config(`models: { vad: { path: m.onnx, inputs: { ${inputs} } } }`)
    const baseline = written('dims: { a: 1, b: 2 }, values: { x: 1 }')
    const candidate = written('values: { x: 1 }, dims: { b: 2, a: 1 }')
    expect(caseIds({ baseline, candidate })).toEqual([])
  })

  test('none, when only a session that the model does not use differs', () => {
    const candidate = config('models: { vad: { path: models/vad.onnx } }\nsessions: { unused: {} }')
    expect(caseIds({ candidate })).toEqual([])
  })

  test('a renamed model is compared with its old file', () => {
    const candidate = config('models: { vad: { path: models/vad-v2.onnx } }')
    const [first] = plan({ candidate, changedFiles: ['models/vad.onnx', 'models/vad-v2.onnx'] }).cases
    expect(first?.baseline.modelPath).toBe('models/vad.onnx')
    expect(first?.candidate.modelPath).toBe('models/vad-v2.onnx')
  })
})

describe('variants', () => {
  const MODELS = 'models: { fp32: { path: a.onnx }, int8: { path: b.onnx } }\nscenarios: { single_stream: {} }'
  const policy = config(`${MODELS}\nvariants: { int8: fp32 }`)
  const both = { policy, baseline: policy, candidate: policy }

  test('a variant is compared with the other model of the same commit', () => {
    const [, variant] = plan({ ...both, measureEverything: true }).cases
    expect(variant).toMatchObject({
      id: 'int8/default/single_stream',
      baseline: { modelPath: 'a.onnx', checkout: 'candidate' },
      candidate: { modelPath: 'b.onnx', checkout: null }
    })
  })

  test('it is worth measuring when either file changed, and not when neither did', () => {
    expect(caseIds({ ...both, changedFiles: ['a.onnx'] })).toHaveLength(2)
    expect(caseIds({ ...both, changedFiles: ['b.onnx'] })).toEqual(['int8/default/single_stream'])
    expect(caseIds({ ...both, changedFiles: ['README.md'] })).toEqual([])
  })

  test('it needs no baseline of its own', () => {
    const baseline = config('models: { fp32: { path: a.onnx } }')
    expect(caseIds({ ...both, baseline, measureEverything: true })).toContain('int8/default/single_stream')
  })

  test('a pull request that removes the original has the variant compared with what it was', () => {
    const candidate = config('models: { int8: { path: b2.onnx } }')
    const { cases } = plan({ ...both, candidate, measureEverything: true })
    expect(cases).toMatchObject([
      {
        id: 'int8/default/single_stream',
        baseline: { modelPath: 'b.onnx', checkout: null },
        candidate: { modelPath: 'b2.onnx', checkout: null }
      }
    ])
  })

  test('a pull request cannot make a model a variant', () => {
    const without = config(MODELS)
    const { cases, policyEdits } = plan({
      policy: without,
      baseline: without,
      candidate: policy,
      measureEverything: true
    })
    expect(cases[1]?.baseline).toMatchObject({ modelPath: 'b.onnx', checkout: null })
    expect(policyEdits).toEqual(['variants.int8'])
  })
})

describe('which cases exist', () => {
  test('a scenario may be meant for some models only', () => {
    const two = config(
      'models: { a: { path: a.onnx }, b: { path: b.onnx } }\nscenarios: { cold_start: {}, soak: { models: [b] } }'
    )
    const { cases } = plan({ policy: two, baseline: two, candidate: two, measureEverything: true })
    expect(cases.map(({ id }) => id)).toEqual(['a/default/cold_start', 'b/default/cold_start', 'b/default/soak'])
  })

  test('every scenario reaches the worker with what was configured and what was not', () => {
    const policy = config(
      `models: { vad: { path: models/vad.onnx } }
scenarios:
  single_stream: {}
  multi_stream: { samples_per_query: 4, instances: 2 }
  offline: { batch: 3 }
  server: { rate: 50, timeout_ms: 100 }
  burst: { size: 5, every_ms: 20 }
  ramp: { from: 1, to: 9, steps: 4, slo: { latency_ms: 7 } }
  cold_start: {}
  generate: { prompt_tokens: 6, goodput: { ttft_ms: 1, itl_ms: 2 } }
  soak: { seconds: 3 }`
    )
    const { cases } = plan({ policy, measureEverything: true })
    expect(cases.map(({ scenario }) => scenario)).toEqual([
      { kind: 'single_stream' },
      { kind: 'multi_stream', samplesPerQuery: 4, instances: 2 },
      { kind: 'offline', batchSize: 3 },
      { kind: 'server', ratePerS: 50, arrival: 'poisson', instances: 1, timeoutMs: 100, maxQueue: null, seed: 1 },
      { kind: 'burst', size: 5, everyMs: 20, instances: 1 },
      {
        kind: 'ramp',
        fromPerS: 1,
        toPerS: 9,
        steps: 4,
        slo: { percentile: 'p99', latencyMs: 7 },
        arrival: 'poisson',
        instances: 1,
        seed: 1
      },
      { kind: 'cold_start' },
      {
        kind: 'generate',
        promptTokens: 6,
        newTokens: 32,
        goodput: { ttftMs: 1, itlMs: 2 },
        tokenInput: null,
        logitsOutput: null
      },
      { kind: 'soak', seconds: 3 }
    ])
    for (const spec of cases) expect(CaseSpec.parse(spec)).toEqual(spec)
  })

  test('every model with each of its sessions in each scenario of the policy', () => {
    const two = config(
      'models: { a: { path: a.onnx, session: [default, fast, fast] }, b: { path: b.onnx } }\nsessions: { fast: {} }'
    )
    const policy = config('models: { a: { path: a.onnx } }\nscenarios: { offline: { batch: 3 } }')
    const { cases } = plan({ policy, baseline: two, candidate: two, measureEverything: true })
    expect(cases.map(({ id }) => id)).toEqual(['a/default/offline', 'a/fast/offline', 'b/default/offline'])
    expect(cases[0]?.scenario).toEqual({ kind: 'offline', batchSize: 3 })
  })

  test('what only one side has is skipped, saying which side lacks it', () => {
    const candidate = config('models: { neu: { path: neu.onnx } }\nscenarios: { offline: {} }')
    const policy = config('models: { vad: { path: models/vad.onnx } }\nscenarios: { single_stream: {} }')
    expect(plan({ policy, candidate, measureEverything: true })).toMatchObject({
      cases: [],
      skipped: [
        {
          id: 'neu/default/single_stream',
          why: 'added',
          detail: 'The baseline has no model "neu" with session "default", so there is nothing to compare.'
        },
        {
          id: 'vad/default/single_stream',
          why: 'removed',
          detail: 'The candidate has no model "vad" with session "default", so there is nothing to compare.'
        }
      ]
    })
  })

  test('an unaffected case says what was looked at', () => {
    const policy = config('models: { vad: { path: models/vad.onnx } }\npaths: ["weights/**"]')
    expect(plan({ changedFiles: ['README.md'] }).skipped[0]).toEqual({
      id: 'vad/default/single_stream',
      why: 'unaffected',
      detail: 'Neither models/vad.onnx, nor a file beside it whose name starts with its name, nor its settings changed.'
    })
    expect(plan({ policy }).skipped[0]?.detail).toMatch(/changed, and no changed file matches "paths"\.$/)
  })

  test('a plan keeps the contract with the workers, whatever the inputs are called', () => {
    const strange = config(
      'models: { vad: { path: m.onnx, inputs: { values: { toString: 1 }, shapes: { x: [1, 2], valueOf: [] } } } }'
    )
    const { cases, measuring } = plan({ baseline: strange, candidate: strange, measureEverything: true })
    expect(cases.map((spec) => CaseSpec.parse(spec))).toEqual(cases)
    expect(MeasuringPlan.parse(measuring)).toEqual(measuring)
    expect(cases[0]?.baseline.inputs.overrides).toEqual({
      toString: { value: 1 },
      x: { shape: [1, 2] },
      valueOf: { shape: [] }
    })
  })

  test('the largest configuration fits into one job', () => {
    const models = Array.from({ length: 50 }, (_, index) => `m${index}: { path: m.onnx, session: [a, b, c] }`).join(
      ', '
    )
    const largest = config(`models: { ${models} }\nsessions: { a: {}, b: {}, c: {} }`)
    const { cases } = plan({ policy: largest, baseline: largest, candidate: largest, changedFiles: 'unknown' })
    expect(cases).toHaveLength(300)
    expect(BenchmarkJob.shape.cases.safeParse(cases).success).toBe(true)
  })
})

describe('how a case is judged', () => {
  const strict = 'models: { vad: { path: models/vad.onnx } }\nthresholds: { p50: 1%, models: { vad: { p99: 20% } } }'

  test('by the thresholds of the base branch, those of the model first', () => {
    const { cases } = plan({ policy: config(strict), measureEverything: true })
    expect(cases[0]?.thresholds).toEqual({ ...DEFAULT_THRESHOLDS, p50: 0.01, p99: 0.2 })
  })

  test('the defaults are those of the judge', () => {
    expect(plan({ measureEverything: true }).cases[0]?.thresholds).toEqual(DEFAULT_THRESHOLDS)
  })

  test('by thresholds of every scenario, also for one model', () => {
    const policy = config(
      `models: { vad: { path: models/vad.onnx } }
thresholds:
  memory_growth: 1.5MiB
  goodput: 1%
  models: { vad: { sustained_rate: 4%, ready: 20%, ttft: 6%, itl: 7%, tokens_per_s: 8%, latency_drift: 9%, memory: 11% } }`
    )
    const [first] = plan({ policy, measureEverything: true }).cases
    expect(first?.thresholds).toEqual({
      ...DEFAULT_THRESHOLDS,
      memoryGrowth: 1_572_864,
      goodput: 0.01,
      sustainedRate: 0.04,
      ready: 0.2,
      ttft: 0.06,
      itl: 0.07,
      tokensPerS: 0.08,
      latencyDrift: 0.09,
      memory: 0.11
    })
  })

  test('by absolute limits of its model and scenario', () => {
    const policy = config(
      `models: { vad: { path: models/vad.onnx }, other: { path: models/b.onnx } }
scenarios: { single_stream: {}, ramp: { from: 1, to: 9, slo: { latency_ms: 7 } }, cold_start: {}, generate: { prompt_tokens: 6, goodput: { ttft_ms: 1, itl_ms: 2 } } }
budgets:
  vad:
    single_stream: { p50_ms: 1, p95_ms: 2, p99_ms: 3, throughput_min: 4, error_rate: 0%, memory_mb: 6 }
    ramp: { sustained_rate_min: 7 }
    cold_start: { ready_ms: 8 }
    generate: { ttft_ms: 9, itl_ms: 10, tokens_per_second_min: 11, goodput_min: 95% }`
    )
    const { cases } = plan({ policy, baseline: policy, candidate: policy, measureEverything: true })
    expect(cases.map(({ budgets }) => budgets)).toEqual([
      { p50Ms: 1, p95Ms: 2, p99Ms: 3, minThroughputPerS: 4, errorRate: 0, memoryPeakMb: 6 },
      { minSustainedRatePerS: 7 },
      { readyMs: 8 },
      { ttftMs: 9, itlMs: 10, minTokensPerS: 11, minGoodput: 0.95 },
      undefined,
      undefined,
      undefined,
      undefined
    ])
    for (const spec of cases) expect(CaseSpec.parse(spec)).toEqual(spec)
  })

  test('with the price of the machine, when there is one', () => {
    const policy = config('models: { vad: { path: m.onnx } }\ncost: { price_per_hour: 0.6, currency: EUR }')
    expect(plan({ policy }).price).toEqual({ perHour: 0.6, currency: 'EUR' })
    expect(plan({}).price).toBeNull()
  })

  test('not by those of the pull request, which are shown', () => {
    const candidate = config(`${strict}\ngate: advisory\nscenarios: { single_stream: {} }\npaths: [a]`)
    const { cases, gate, policyEdits } = plan({ candidate, measureEverything: true })
    expect(cases.map(({ id }) => id)).toEqual(VAD_CASES)
    expect(cases[0]?.thresholds.p50).toBe(0.02)
    expect(gate).toBe('required')
    expect(policyEdits).toEqual(['scenarios.offline', 'thresholds.p50', 'thresholds.models.vad', 'gate', 'paths'])
  })

  test('a pull request that changes what is measured edits no policy', () => {
    const candidate = config('models: { vad: { path: x.onnx } }\nsessions: { a: {} }')
    expect(plan({ candidate }).policyEdits).toEqual([])
  })

  test('a branch older than a change of the policy edits nothing', () => {
    expect(plan({ policy: config(strict) }).policyEdits).toEqual([])
  })

  test('an edit that the base branch has made too is not shown', () => {
    const newer = config(strict)
    expect(plan({ policy: newer, candidate: newer }).policyEdits).toEqual([])
  })
})

describe('how it is measured', () => {
  test('the defaults are those of the statistics', () => {
    expect(plan({}).measuring).toEqual({
      roundMs: 1000,
      warmUpRequests: 100,
      warmUpMs: 250,
      warmUpCapMs: 10_000,
      looks: [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24],
      design: { kind: 'planned_looks' },
      requestTimeoutMs: 60_000,
      jobTimeoutMs: 1_800_000
    })
  })

  test.each([
    [6, [6]],
    [9, [6, 7, 8, 9]],
    [12, [6, 7, 8, 9, 10, 11, 12]]
  ])('%i rounds at most are looked at after %j', (maxRounds, looks) => {
    const policy = config(`models: { vad: { path: m.onnx } }\nmeasuring: { max_rounds: ${maxRounds} }`)
    expect(plan({ policy }).measuring).toMatchObject({ looks, design: { kind: 'planned_looks' } })
  })

  test('more rounds than planned are open-ended', () => {
    const policy = config('models: { vad: { path: m.onnx } }\nmeasuring: { max_rounds: 200 }')
    const { measuring } = plan({ policy })
    expect(MeasuringPlan.parse(measuring)).toEqual(measuring)
    expect(measuring.design).toEqual({ kind: 'open_ended' })
    expect(measuring.looks).toHaveLength(195)
    expect([measuring.looks[0], measuring.looks.at(-1)]).toEqual([6, 200])
  })

  test('a plan from before designs existed has planned looks', () => {
    const { design: _, ...older } = plan({}).measuring
    expect(MeasuringPlan.parse(older)).toEqual(plan({}).measuring)
  })

  test('a longer warm-up is not cut', () => {
    const policy = config(`models: { vad: { path: m.onnx } }\nmeasuring: { warm_up_seconds: 25 }`)
    expect(plan({ policy }).measuring).toMatchObject({ warmUpMs: 25_000, warmUpCapMs: 25_000 })
  })

  test('time limit and the outcome of doubt come from the base branch', () => {
    const policy = config('models: { vad: { path: m.onnx } }\nrunner: { timeout_minutes: 7 }\non_inconclusive: failure')
    expect(plan({ policy })).toMatchObject({ measuring: { jobTimeoutMs: 420_000 }, onInconclusive: 'failure' })
  })
})
