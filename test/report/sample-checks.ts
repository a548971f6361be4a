import type { BudgetJudgement, BudgetVerdict } from '#src/budgets/judge-budgets.ts'
import type { Finding, JudgedChange } from '#src/diagnose/diagnosis.ts'
import type { CaseEnvironmentOutcome } from '#src/environment/judge-case-environment.ts'
import type { AccuracyJudgement } from '#src/equivalence/judge-accuracy.ts'
import type { OutputJudgement, OutputReason } from '#src/equivalence/output-judgement.ts'
import type { CaseChecks } from '#src/report/outcome.ts'
import type { Judged } from '#src/report/unmeasured.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import { CASE_ID, caseWith, judged, measuredFacts, specWith, twentyCases } from './sample-outcomes.ts'

/** What is judged beside speed, as real runs produce it. */

/** Nobody asked for anything. */
export function checksOf(caseId: string, rest: Partial<CaseChecks> = {}): CaseChecks {
  return {
    caseId,
    equivalence: equivalent(16),
    accuracy: null,
    budgets: [],
    cost: null,
    environment: null,
    diagnosis: null,
    ...rest
  }
}

export function equivalent(samples: number): OutputJudgement {
  return {
    verdict: 'equivalent',
    mode: 'block',
    modeFrom: 'model_identical',
    reasons: [],
    notes: [],
    samples,
    outputs: 1
  }
}

export function differing(
  verdict: 'not_equivalent' | 'differs',
  reasons: readonly OutputReason[],
  rest: Partial<OutputJudgement> = {}
): OutputJudgement {
  const isBlocked = verdict === 'not_equivalent'
  return {
    verdict,
    mode: isBlocked ? 'block' : 'report',
    modeFrom: isBlocked ? 'model_identical' : 'model_changed',
    reasons,
    notes: [],
    samples: 16,
    outputs: 3,
    ...rest
  }
}

export function elementsDiffer(output: string): OutputReason {
  return {
    kind: 'elements_differ',
    output,
    mismatched: 84,
    elements: 2048,
    allowedShare: 0,
    tolerance: { rtol: 1e-3, atol: 1e-4 },
    toleranceFactor: 1,
    maxAbsError: 0.0134,
    worst: {
      sampleIndex: 3,
      flatIndex: 17,
      index: [0, 17],
      baseline: { kind: 'number', value: 0.8125 },
      candidate: { kind: 'number', value: 0.7991 }
    },
    baselineVaries: false
  }
}

export function budget(
  caseId: string,
  verdict: BudgetVerdict,
  ms: { readonly limit: number; readonly candidate: number; readonly baseline: number },
  rest: Partial<BudgetJudgement> = {}
): BudgetJudgement {
  const side = (level: number, of: BudgetVerdict) => ({
    value: level * 1e6,
    low: level * 0.96e6,
    high: level * 1.04e6,
    verdict: of
  })
  return {
    caseId,
    name: 'p99Ms',
    unit: 'ns',
    kind: 'ceiling',
    limit: ms.limit * 1e6,
    verdict,
    reason: verdict === 'undecided' ? 'straddles_limit' : null,
    rounds: 9,
    candidate: side(ms.candidate, verdict),
    baseline: side(ms.baseline, ms.baseline > ms.limit ? 'broken' : 'kept'),
    ...rest
  }
}

export const DROPPED: AccuracyJudgement = {
  verdict: 'dropped',
  metric: 'top1',
  samples: 500,
  baseline: 0.972,
  candidate: 0.94,
  drop: 0.032,
  dropLowerBound: 0.011,
  maxDrop: 0.01,
  pValue: 0.0004,
  reason: null
}

const HELD: AccuracyJudgement = {
  ...DROPPED,
  verdict: 'passed',
  candidate: 0.972,
  drop: 0,
  dropLowerBound: null,
  pValue: 0.6
}

const SLOWER: JudgedChange = { caseId: CASE_ID, metric: 'p50', change: 0.62, interval: [0.61, 0.63] }
const SAME: JudgedChange = { caseId: CASE_ID, metric: 'service_p50', change: 0, interval: [-0.004, 0.006] }
const ALONE = { value: 8.7e6, low: 8.5e6, high: 9e6, verdict: 'broken' } as const

/** Each kind of finding of a diagnosis that tells of the load or the model; operators have their own tests. */
export const FINDINGS = {
  tail: [
    {
      kind: 'tail_only',
      typical: { ...SAME, metric: 'p50' },
      tail: [{ ...SLOWER, metric: 'p99', change: 0.31, interval: [0.22, 0.41] }]
    },
    { kind: 'model_identical' },
    { kind: 'nothing_differs' }
  ],
  waiting: [
    { kind: 'waiting', service: SAME, queueP95Ns: { baseline: 1.2e6, candidate: 35e6 } },
    { kind: 'model_identical' }
  ],
  contention: [
    { kind: 'grows_with_concurrency', alone: { ...SLOWER, change: 0.02, interval: [0.01, 0.03] }, together: SLOWER },
    {
      kind: 'settings_changed',
      settings: [{ setting: 'intraOpNumThreads', values: { baseline: '4', candidate: '1' } }]
    }
  ],
  every_request: [
    { kind: 'every_request', alone: SLOWER, together: SLOWER },
    {
      kind: 'graph_changed',
      diff: {
        sameNodes: false,
        nodes: { baseline: 120, candidate: 131 },
        changes: [
          {
            kind: 'nodes_retyped',
            from: { domain: '', type: 'Relu' },
            to: { domain: 'com.microsoft', type: 'Gelu' },
            nodes: 3
          },
          { kind: 'initializer_bytes', bytes: { baseline: 2 * 1024 ** 2, candidate: 4 * 1024 ** 2 } }
        ],
        isPartial: false
      }
    }
  ],
  placement: [
    {
      kind: 'placement_changed',
      diff: {
        providers: [],
        moves: [{ type: 'Resize', from: 'CUDAExecutionProvider', to: 'CPUExecutionProvider', nodes: 4 }]
      }
    }
  ],
  start: [
    {
      kind: 'load_only',
      ready: { ...SLOWER, metric: 'ready' },
      steady: { ...SAME, metric: 'p50' }
    },
    {
      kind: 'start_phases',
      phases: [
        {
          phase: 'create',
          levelsNs: { baseline: 116e6, candidate: 154e6 },
          differenceNs: { value: 38e6, low: 30e6, high: 46e6 }
        }
      ]
    }
  ],
  single_request: [
    { kind: 'single_request_over_budget', budget: { name: 'p99Ms', limitNs: 8e6, alone: ALONE }, alone: ALONE }
  ],
  errors: [
    {
      kind: 'errors_climb',
      counts: { baseline: { failed: 0, requests: 5000 }, candidate: { failed: 412, requests: 4588 } },
      pValue: 1e-9
    },
    { kind: 'errors_under_load', ratePerS: 1200, failedShares: { baseline: 0, candidate: 0.1 } }
  ],
  not_located: [{ kind: 'graph_unknown' }, { kind: 'not_located' }]
} satisfies Readonly<Record<string, readonly Finding[]>>

export const THROTTLED: CaseEnvironmentOutcome = {
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

/** Every field of the checks that a repository, a model or a worker can fill, filled with `text`. */
export function hostileChecks(text: string): Judged {
  const base: CaseComparison = caseWith(text, 'regression', 0.5)
  const texts: OutputReason[] = [
    {
      ...elementsDiffer(text),
      worst: {
        sampleIndex: 0,
        flatIndex: 1,
        index: [0, 1],
        baseline: { kind: 'text', text },
        candidate: { kind: 'text', text: `2 ${text}` }
      }
    } as OutputReason,
    { kind: 'output_missing', output: text }
  ]
  const notes: OutputJudgement['notes'] = [
    { kind: 'not_compared', reason: 'failed', message: text },
    { kind: 'output_added', output: text }
  ]
  const operator = { domain: text, type: text }
  const findings: readonly Finding[] = [
    { kind: 'settings_changed', settings: [{ setting: text, values: { baseline: text, candidate: null } }] },
    {
      kind: 'graph_changed',
      diff: {
        sameNodes: false,
        nodes: { baseline: 1, candidate: 2 },
        changes: [
          { kind: 'operator_added', operator, nodes: { baseline: 0, candidate: 2 } },
          { kind: 'opset', domain: text, versions: { baseline: 1, candidate: 2 } }
        ],
        isPartial: true
      }
    },
    { kind: 'placement_changed', diff: { providers: [], moves: [{ type: text, from: text, to: text, nodes: 4 }] } }
  ]
  const side = specWith(text).baseline
  const inputs = {
    dims: { [text]: 3 },
    overrides: { [text]: { value: 1 } },
    seed: 1,
    samples: 2,
    recorded: [{ path: text, input: text }]
  }
  return judged('regression', [base], {
    cases: [
      {
        ...specWith(text),
        baseline: { ...side, inputs },
        candidate: { ...side, session: { ...side.session, configEntries: { 'session.disable_prepacking': text } } }
      }
    ],
    checks: [
      checksOf(text, {
        equivalence: differing('differs', texts, { notes }),
        accuracy: { ...DROPPED, verdict: 'not_checked', reason: { kind: 'not_scored', message: text } },
        budgets: [budget(text, 'broken', { limit: 2, candidate: 3, baseline: 1 })],
        cost: { of: 'tokens', currency: text, baseline: 1, candidate: 2, relativeChange: 1, interval: [0.9, 1.1] },
        environment: { kind: 'refused', processes: [{ pid: 4711, name: text, memoryBytes: null, owner: 'foreign' }] },
        diagnosis: { findings }
      }),
      checksOf(`e ${text}`, { equivalence: { ...equivalent(3), notes } }),
      checksOf(`n ${text}`, { equivalence: differing('not_equivalent', texts, { notes }) })
    ]
  })
}
