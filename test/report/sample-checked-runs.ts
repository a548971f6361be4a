import type { CaseEnvironmentOutcome } from '#src/environment/judge-case-environment.ts'
import type { AccuracyJudgement } from '#src/equivalence/judge-accuracy.ts'
import type { Judged } from '#src/report/unmeasured.ts'
import { SAMPLE_IDENTITY } from '../environment/sample-reading.ts'
import { budget, checksOf, DROPPED, differing, elementsDiffer } from './sample-checks.ts'
import { FINDINGS } from './sample-findings.ts'
import { CASE_ID, caseWith, judged, measuredFacts, specWith, twentyCases } from './sample-outcomes.ts'

/** Runs in which something beside speed is the news. */

const HELD: AccuracyJudgement = {
  ...DROPPED,
  verdict: 'passed',
  candidate: 0.972,
  drop: 0,
  dropLowerBound: null,
  pValue: 0.6
}

const THROTTLED: CaseEnvironmentOutcome = {
  kind: 'usable',
  rounds: 16,
  discarded: [
    { launch: 3, reason: { kind: 'gpu_slowdown', reasons: [{ reason: 'hw_thermal', samples: 9, activeUs: 412_000 }] } },
    { launch: 8, reason: { kind: 'gpu_slowdown', reasons: [{ reason: 'hw_thermal', samples: 4, activeUs: 98_000 }] } },
    { launch: 11, reason: { kind: 'clock_gap', gap: { baselineMHz: 1980, candidateMHz: 1770, ratio: 0.119 } } }
  ],
  cautions: [{ rounds: 16, worst: { kind: 'power_cap', samples: 40, activeUs: 812_000 } }]
}

export const NOT_EQUIVALENT = judged('unchanged', [caseWith('asr/default/offline', 'unchanged', 0.004)], {
  cases: [specWith(CASE_ID, 'disabled'), specWith('asr/default/offline')],
  checks: [
    checksOf(CASE_ID, {
      equivalence: differing('not_equivalent', [
        elementsDiffer('scores'),
        {
          kind: 'shape_differs',
          output: 'boxes',
          shapes: { baseline: [1, 100, 4], candidate: [1, 84, 4] },
          samples: 16,
          firstSample: 0
        },
        { kind: 'not_finite', output: 'embedding', elements: 12, ofElements: 8192, worst: null }
      ])
    }),
    checksOf('asr/default/offline')
  ],
  measured: [measuredFacts(CASE_ID, { stopReason: null }), measuredFacts('asr/default/offline')]
})

export const DIFFERS = judged('improvement', [caseWith(CASE_ID, 'improvement', -0.21)], {
  checks: [
    checksOf(CASE_ID, {
      equivalence: differing('differs', [elementsDiffer('scores')], {
        notes: [{ kind: 'output_added', output: 'logits_f16' }]
      }),
      accuracy: HELD
    })
  ]
})

/** The case improved, and is over its budget all the same. */
export const OVER_BUDGET = judged('improvement', [caseWith(CASE_ID, 'improvement', -0.08)], {
  checks: [
    checksOf(CASE_ID, {
      budgets: [
        budget(CASE_ID, 'broken', { limit: 20, candidate: 21.3, baseline: 23.1 }),
        budget(CASE_ID, 'undecided', { limit: 10, candidate: 9.9, baseline: 10.4 }, { name: 'p50Ms' }),
        budget(CASE_ID, 'kept', { limit: 18, candidate: 12.2, baseline: 13.5 }, { name: 'p95Ms' })
      ],
      diagnosis: { findings: FINDINGS.single_request }
    })
  ]
})

export const UNDECIDED_BUDGET = judged('unchanged', [caseWith(CASE_ID, 'unchanged', 0.004)], {
  checks: [
    checksOf(CASE_ID, { budgets: [budget(CASE_ID, 'undecided', { limit: 20, candidate: 19.8, baseline: 19.7 })] })
  ]
})

export const LESS_ACCURATE = judged('improvement', [caseWith(CASE_ID, 'improvement', -0.34)], {
  checks: [checksOf(CASE_ID, { equivalence: differing('differs', [elementsDiffer('scores')]), accuracy: DROPPED })]
})

/** Three rounds thrown away, and the cost of what was measured. */
export const DISCARDED = judged('regression', [caseWith(CASE_ID, 'regression', 0.062)], {
  checks: [
    checksOf(CASE_ID, {
      environment: THROTTLED,
      cost: {
        of: 'inferences',
        currency: 'USD',
        baseline: 0.0703,
        candidate: 0.0747,
        relativeChange: 0.062,
        interval: [0.054, 0.07]
      },
      resources: {
        baseline: { peakRssBytes: 212e6, cpuTimePerInferenceNs: 421_000, gpuMemoryBytes: 1.31e9 },
        candidate: { peakRssBytes: 214e6, cpuTimePerInferenceNs: 447_000, gpuMemoryBytes: 1.31e9 }
      }
    })
  ]
})

export const DISTURBED = judged(
  'inconclusive',
  [
    {
      ...caseWith(CASE_ID, 'inconclusive', 0.01),
      reason: { kind: 'environment', cause: 'rounds_discarded', rounds: 7, ofRounds: 16 },
      metrics: caseWith(CASE_ID, 'inconclusive', 0.01).metrics.map((metric) => ({
        ...metric,
        reason: { kind: 'environment', cause: 'rounds_discarded', rounds: 7, ofRounds: 16 }
      })),
      needed: null
    }
  ],
  {
    checks: [
      checksOf(CASE_ID, {
        environment: {
          kind: 'inconclusive',
          why: { kind: 'too_many_discarded', discarded: 7 },
          rounds: 16,
          discarded: [0, 2, 3, 5, 8, 11, 14].map((launch) => ({
            launch,
            reason: { kind: 'gpu_slowdown', reasons: [{ reason: 'sw_thermal', samples: 30, activeUs: null }] }
          })),
          cautions: []
        }
      })
    ]
  }
)

export const REFUSED_DEVICE = judged('inconclusive', [], {
  cases: [specWith(CASE_ID)],
  notMeasured: [
    {
      caseId: CASE_ID,
      failure: {
        code: 'device_unavailable',
        side: null,
        message: 'The GPU was not free: python3 (pid 4711). What others compute there would have been measured too.',
        hint: 'Stop the other programs on the GPU, or give the worker a GPU of its own.'
      }
    }
  ]
})

/** The engine and its provider change, on a GPU, for two files of one commit and inputs of many sizes. */
export function otherSession(): Judged {
  const spec = specWith(CASE_ID)
  const inputs = {
    ...spec.baseline.inputs,
    dims: { batch: 8, seq: { choices: [16, 32, 64], weights: [] } },
    samples: 8
  }
  const session = { ...spec.baseline.session, engineVersion: '1.29.0' }
  const candidate = {
    ...spec.candidate,
    modelPath: 'models/vad_int8.onnx',
    inputs,
    session: { ...session, executionProvider: 'cuda', cpuFallback: 'forbid', engineVersion: '1.30.0' }
  } as const
  const run = judged('improvement', [caseWith(CASE_ID, 'improvement', -0.21)], {
    cases: [{ ...spec, baseline: { ...spec.baseline, checkout: 'candidate', inputs, session }, candidate }],
    checks: [checksOf(CASE_ID)]
  })
  return { ...run, result: { ...run.result, identity: SAMPLE_IDENTITY } }
}

/** One case for each kind of finding. */
export function everyDiagnosis(): Judged {
  const cases = Object.keys(FINDINGS).map((name, index) =>
    caseWith(`${name}/default/single_stream`, 'regression', 0.3 - index / 50)
  )
  const checks = Object.entries(FINDINGS).map(([name, findings]) =>
    checksOf(`${name}/default/single_stream`, { diagnosis: { findings } })
  )
  return judged('regression', cases, { checks })
}

/** 20 cases of which one gives other answers and one breaks its budget. */
export function twentyChecked(): Judged {
  const run = twentyCases()
  const [blocked, overBudget] = [run.cases[0]?.id ?? '', run.cases[5]?.id ?? '']
  const cases = run.comparison.cases.filter(({ id }) => id !== blocked)
  const checks = run.cases.map(({ id }) => {
    if (id === blocked) return checksOf(id, { equivalence: differing('not_equivalent', [elementsDiffer('scores')]) })
    const budgets = [
      id === overBudget
        ? budget(id, 'broken', { limit: 20, candidate: 21.3, baseline: 18.9 })
        : budget(id, 'kept', { limit: 20, candidate: 12.3, baseline: 12.2 })
    ]
    const moved = cases.find((item) => item.id === id && item.verdict === 'regression')
    const diagnosis = moved === undefined ? null : { findings: FINDINGS.every_request }
    return checksOf(id, { budgets, diagnosis, environment: { ...QUIET, cautions: STEAL } })
  })
  return { ...run, comparison: { verdict: 'mixed', cases }, checks }
}

const QUIET: CaseEnvironmentOutcome & { kind: 'usable' } = { kind: 'usable', rounds: 9, discarded: [], cautions: [] }
const STEAL = [{ rounds: 2, worst: { kind: 'steal', share: 0.034 } }] as const
