import { describe, expect, test } from 'vitest'
import type { BudgetVerdict } from '#src/budgets/judge-budgets.ts'
import { diagnoseCase } from '#src/diagnose/diagnose-case.ts'
import type { BrokenBudget } from '#src/diagnose/diagnosis.ts'
import { diffOperatorTimes } from '#src/diagnose/diff-operator-times.ts'
import type { GraphDiff } from '#src/diagnose/graph-diff.ts'
import type { OpenLoopFacts } from '#stats/open-loop-facts.ts'
import type { CurvePoint, RampFacts } from '#stats/ramp-facts.ts'
import type { ScenarioFacts } from '#stats/scenario-facts.ts'
import {
  FASTER,
  findingsOf,
  kindsOf,
  SAME,
  SLOWER,
  sampleComparison,
  sampleEvidence,
  sampleProfile,
  UNKNOWN
} from './sample-evidence.ts'

const ALONE = sampleComparison({ metrics: { p50: SLOWER } })

function openLoop(queueP95Ns: readonly [number, number]): ScenarioFacts {
  const side = (p95: number): OpenLoopFacts => ({
    offeredPerS: 100,
    achievedPerS: 100,
    keepsUp: true,
    arrivals: 5000,
    answered: 5000,
    dropped: 0,
    timedOut: 0,
    failed: 0,
    lateShare: 0,
    latency: null,
    queue: { p50: p95 / 2, p95, p99: 2 * p95 },
    service: null
  })
  return { kind: 'open_loop', sides: { baseline: side(queueP95Ns[0]), candidate: side(queueP95Ns[1]) } }
}

describe('does it scale with concurrency?', () => {
  const loaded = (serviceP50: typeof SLOWER) =>
    sampleComparison({ scenario: 'server', metrics: { p50: SLOWER, service_p50: serviceP50 } })

  test('a change that is larger where requests run together grows with concurrency', () => {
    const together = loaded([0.4, 0.35, 0.45, 'regression'])

    expect(kindsOf({ comparison: together, related: [ALONE] })).toContain('grows_with_concurrency')
    expect(kindsOf({ comparison: ALONE, related: [together] })).toContain('grows_with_concurrency')
  })

  test('also where a request alone is unchanged', () => {
    const alone = sampleComparison({ metrics: { p50: SAME } })

    expect(kindsOf({ comparison: loaded(SLOWER), related: [alone] })).toContain('grows_with_concurrency')
  })

  test('a change that a request alone has too is a cost of every request', () => {
    const together = loaded([0.13, 0.09, 0.17, 'regression'])

    expect(kindsOf({ comparison: together, related: [ALONE] })).toContain('every_request')
  })

  test('waiting that makes more of the same cost is not contention: times of service are compared', () => {
    const together = sampleComparison({
      scenario: 'server',
      metrics: { p50: [0.6, 0.5, 0.7, 'regression'], service_p50: [0.12, 0.1, 0.14, 'regression'] },
      facts: openLoop([1e6, 5e6])
    })

    const kinds = kindsOf({ comparison: together, related: [ALONE] })
    expect(kinds).toContain('every_request')
    expect(kinds).not.toContain('grows_with_concurrency')
  })

  test('several instances of a closed loop are compared too', () => {
    const together = sampleComparison({ scenario: 'multi_stream', metrics: { p50: [0.4, 0.35, 0.45, 'regression'] } })

    expect(kindsOf({ comparison: together, related: [ALONE] })).toContain('grows_with_concurrency')
  })

  test('an improvement is told the same way', () => {
    const faster = sampleComparison({ metrics: { p50: FASTER } })
    const together = loaded([-0.4, -0.45, -0.35, 'improvement'])

    expect(kindsOf({ comparison: faster, related: [together] })).toContain('grows_with_concurrency')
  })

  test('the latency of a ramp has its waiting in it, and a start runs nothing together: neither tells', () => {
    const ramp = sampleComparison({ scenario: 'ramp', metrics: { p50: [0.4, 0.35, 0.45, 'regression'] } })
    const start = sampleComparison({ scenario: 'cold_start', metrics: { ready: SLOWER } })

    expect(kindsOf({ comparison: ALONE, related: [ramp] })).toEqual(['not_located'])
    expect(kindsOf({ comparison: start, related: [ALONE, loaded([0.4, 0.35, 0.45, 'regression'])] })).toEqual([
      'load_and_steady'
    ])
  })

  test.each([
    ['the load was not measured', []],
    ['the load is unclear', [loaded([0.2, -0.1, 0.5, 'inconclusive'])]]
  ])('nothing is said where %s', (_what, related) => {
    const kinds = kindsOf({ comparison: ALONE, related })

    expect(kinds).not.toContain('grows_with_concurrency')
    expect(kinds).not.toContain('every_request')
  })
})

describe('is it the tail only?', () => {
  test('a median that is proved unchanged and slow requests that are slower: the tail only', () => {
    const comparison = sampleComparison({ metrics: { p50: SAME, p95: SAME, p99: SLOWER, slow_share: SLOWER } })

    expect(findingsOf({ comparison })[0]).toMatchObject({
      kind: 'tail_only',
      typical: { metric: 'p50' },
      tail: [{ metric: 'p99' }, { metric: 'slow_share' }]
    })
  })

  test('a median that is not known proves nothing', () => {
    const comparison = sampleComparison({ metrics: { p50: UNKNOWN, p99: SLOWER } })

    expect(kindsOf({ comparison })).toEqual(['not_located'])
  })

  test('a median that moved is not the tail only', () => {
    const comparison = sampleComparison({ metrics: { p50: SLOWER, p99: SLOWER } })

    expect(kindsOf({ comparison })).not.toContain('tail_only')
  })

  test('of tokens too', () => {
    const comparison = sampleComparison({ scenario: 'generate', metrics: { itl: SAME, itl_p95: SLOWER } })

    expect(findingsOf({ comparison })).toMatchObject([{ kind: 'tail_only', typical: { metric: 'itl' } }])
  })

  test('under an open load, service unchanged and a longer wait: waiting', () => {
    const comparison = sampleComparison({
      scenario: 'server',
      metrics: { p50: SAME, p95: SLOWER, service_p50: SAME },
      facts: openLoop([1e6, 3e6])
    })

    expect(kindsOf({ comparison })).toEqual(['tail_only', 'waiting'])
  })

  test('a wait that became shorter does not explain slower requests', () => {
    const comparison = sampleComparison({
      scenario: 'server',
      metrics: { p95: SLOWER, service_p50: SAME },
      facts: openLoop([3e6, 1e6])
    })

    expect(kindsOf({ comparison })).not.toContain('waiting')
  })

  test('a slower service is told with its wait', () => {
    const comparison = sampleComparison({
      scenario: 'server',
      metrics: { p50: SLOWER, service_p50: SLOWER },
      facts: openLoop([1e6, 3e6])
    })

    expect(findingsOf({ comparison })).toMatchObject([
      { kind: 'service_time', queueP95Ns: { baseline: 1e6, candidate: 3e6 } }
    ])
  })
})

describe('did the model change?', () => {
  test('nothing differs: the change lies outside model, settings and inputs', () => {
    expect(kindsOf({ model: 'identical' })).toEqual(['nothing_differs'])
  })

  test('the same model with other settings', () => {
    const settings = [{ setting: 'intraOpNumThreads', values: { baseline: '4', candidate: '1' } }]

    expect(kindsOf({ model: 'identical', settings })).toEqual(['model_identical', 'settings_changed'])
  })

  test('another graph', () => {
    const graph: GraphDiff = { sameNodes: false, nodes: { baseline: 1, candidate: 2 }, changes: [], isPartial: false }

    expect(kindsOf({ model: 'different', graph })).toEqual(['graph_changed'])
  })

  test('the same graph with other weights', () => {
    const graph: GraphDiff = { sameNodes: true, nodes: { baseline: 1, candidate: 1 }, changes: [], isPartial: false }

    expect(kindsOf({ model: 'different', graph })).toEqual(['only_weights_differ'])
  })

  test('a graph that could not be read locates nothing', () => {
    expect(kindsOf({ model: 'different', graph: null })).toEqual(['graph_unknown', 'not_located'])
  })
})

describe('is a single request over the budget?', () => {
  const LIMIT_NS = 8e6
  const server = sampleComparison({ scenario: 'server', metrics: { p99: SLOWER } })

  /** The limit is broken under load; so much of it stands for requests alone. */
  function broken(alone: BudgetVerdict | null): BrokenBudget {
    const level = { value: LIMIT_NS, low: 0.99 * LIMIT_NS, high: 1.01 * LIMIT_NS }
    return { name: 'p99Ms', limitNs: LIMIT_NS, alone: alone === null ? null : { ...level, verdict: alone } }
  }

  test('yes, where its median is over the limit too', () => {
    const brokenBudgets = [broken('broken')]

    expect(findingsOf({ comparison: server, brokenBudgets })[0]).toMatchObject({
      kind: 'single_request_over_budget',
      budget: { name: 'p99Ms', limitNs: LIMIT_NS }
    })
  })

  test('no, only under load, where it keeps the limit', () => {
    expect(kindsOf({ comparison: server, brokenBudgets: [broken('kept')] })[0]).toBe('over_budget_only_under_load')
  })

  test('nothing is said where that is undecided, or was not measured', () => {
    const brokenBudgets = [broken('undecided'), broken(null)]

    expect(kindsOf({ comparison: server, brokenBudgets }).filter((kind) => kind.includes('budget'))).toEqual([])
  })

  test('it is said although nothing moved', () => {
    const comparison = sampleComparison({ metrics: { p50: SAME } })

    expect(kindsOf({ comparison, brokenBudgets: [broken('broken')] })).toEqual(['single_request_over_budget'])
  })
})

describe('do errors climb?', () => {
  test('more failed requests than before', () => {
    const comparison = sampleComparison({ errors: { baseline: 2, candidate: 40, pValue: 1e-9 } })

    expect(findingsOf({ comparison, model: 'identical' })).toMatchObject([
      { kind: 'errors_climb', counts: { baseline: { failed: 2, requests: 5002 }, candidate: { failed: 40 } } },
      { kind: 'nothing_differs' }
    ])
  })

  test.each([
    ['fewer than before', { baseline: 40, candidate: 2, pValue: 1e-9 }],
    ['by chance', { baseline: 10, candidate: 20, pValue: 0.05 }],
    ['too few', { baseline: 0, candidate: 2, pValue: 0.001 }],
    ['none', { baseline: 0, candidate: 0, pValue: null }]
  ])('%s: no', (_what, errors) => {
    expect(kindsOf({ comparison: sampleComparison({ errors }) })).toEqual(['nothing_moved'])
  })

  const ramp = (baseline: readonly number[], candidate: readonly number[]): ScenarioFacts => {
    const side = (shares: readonly number[]): RampFacts => ({
      points: shares.map(
        (failedShare, index): CurvePoint => ({
          ratePerS: 100 * (index + 1),
          p50Ns: 1e6,
          p95Ns: 1e6,
          p99Ns: 1e6,
          failedShare,
          isSustained: true
        })
      ),
      knee: { kind: 'unknown' },
      sustained: null,
      sustainedInterval: null,
      roundsAbove: 0,
      roundsBelow: 0
    })
    return { kind: 'ramp', slo: null, sides: { baseline: side(baseline), candidate: side(candidate) } }
  }
  const errors = { baseline: 10, candidate: 400, pValue: 1e-9 }

  test('from a rate on', () => {
    const comparison = sampleComparison({ scenario: 'ramp', errors, facts: ramp([0, 0, 0, 0.05], [0, 0, 0.1, 0.3]) })

    expect(findingsOf({ comparison })[1]).toEqual({
      kind: 'errors_under_load',
      ratePerS: 300,
      failedShares: { baseline: 0, candidate: 0.1 }
    })
  })

  test.each([
    ['at every rate', ramp([0, 0, 0], [0.1, 0.1, 0.2])],
    ['not at the highest', ramp([0, 0, 0], [0, 0.1, 0])]
  ])('%s: no rate is named', (_what, facts) => {
    expect(kindsOf({ comparison: sampleComparison({ scenario: 'ramp', errors, facts }) })).toEqual(['errors_climb'])
  })
})

describe('loading or steady state?', () => {
  const start = (ready: typeof SLOWER) => sampleComparison({ scenario: 'cold_start', metrics: { ready } })
  const steady = (p50: typeof SLOWER) => sampleComparison({ metrics: { p50 } })

  test.each([
    ['load_only', start(SLOWER), steady(SAME)],
    ['steady_only', steady(SLOWER), start(SAME)],
    ['load_and_steady', start(SLOWER), steady(SLOWER)],
    ['load_and_steady', steady(SLOWER), start(SLOWER)]
  ])('%s', (kind, comparison, other) => {
    expect(kindsOf({ comparison, related: [other] })).toContain(kind)
  })

  test.each([
    ['the other is unclear', start(SLOWER), [steady(UNKNOWN)]],
    ['the other was not measured', start(SLOWER), []]
  ])('nothing is said where %s', (_what, comparison, related) => {
    expect(kindsOf({ comparison, related })).toEqual(['not_located'])
  })

  test('phases of a start that changed are told, the largest first', () => {
    const phase = (name: 'process' | 'create' | 'first', value: number, width: number) => ({
      phase: name,
      levels: { baseline: 100e6, candidate: 100e6 + value },
      ratio: null,
      difference: { value, low: value - width, high: value + width }
    })
    const comparison = sampleComparison({
      scenario: 'cold_start',
      metrics: { ready: SLOWER },
      facts: {
        kind: 'cold_start',
        phases: [phase('process', 2e6, 5e6), phase('create', 30e6, 5e6), phase('first', 40e6, 5e6)]
      }
    })

    expect(findingsOf({ comparison })).toMatchObject([
      { kind: 'start_phases', phases: [{ phase: 'first' }, { phase: 'create' }] }
    ])
  })
})

describe('operators', () => {
  const profiles = (matMulNs: number) =>
    [0, 500, 1000].map((jitterNs) => sampleProfile({ MatMul: matMulNs + jitterNs, Relu: 20_000 + jitterNs }))
  const slower = diffOperatorTimes({ baseline: profiles(500_000), candidate: profiles(700_000) })
  const same = diffOperatorTimes({ baseline: profiles(500_000), candidate: profiles(500_300) })

  test('that take longer are told', () => {
    expect(findingsOf({ operators: slower })).toMatchObject([
      { kind: 'operators_changed', diff: { contributors: [{ type: 'MatMul' }] } }
    ])
  })

  test('that take as long as before are told too', () => {
    expect(kindsOf({ operators: same })).toEqual(['operators_alike'])
  })

  test('that are slower while the case is faster are no explanation', () => {
    const comparison = sampleComparison({ metrics: { p50: FASTER } })

    expect(kindsOf({ comparison, operators: slower })).toEqual(['profile_disagrees'])
  })

  test('a lower throughput is a slowdown', () => {
    const comparison = sampleComparison({ metrics: { throughput: [-0.12, -0.14, -0.1, 'regression'] } })

    expect(kindsOf({ comparison, operators: slower })).toEqual(['operators_changed'])
  })

  test('say nothing about a start or about memory', () => {
    for (const metric of ['ready', 'memory'] as const) {
      const comparison = sampleComparison({ metrics: { [metric]: SLOWER } })

      expect(kindsOf({ comparison, operators: slower })).toEqual(['not_located'])
    }
  })

  test('that moved to another provider are told', () => {
    const placement = { providers: [], moves: [{ type: 'Conv', from: 'CUDA', to: 'CPU', nodes: 3 }] }

    expect(kindsOf({ placement })).toEqual(['placement_changed'])
  })

  test('the call around ONNX Runtime is told where it changed', () => {
    const wide = (wallNs: number) =>
      [0, 1000, 2000].map((more) => sampleProfile({ Relu: 500_000 }, { wallNs: wallNs + more }))
    const operators = diffOperatorTimes({ baseline: wide(600_000), candidate: wide(900_000) })

    expect(findingsOf({ operators })).toMatchObject([
      { kind: 'operators_alike' },
      { kind: 'binding_changed', binding: { changeNs: 300_000 }, shareOfCall: 300_000 / 601_000 }
    ])
  })
})

test('nothing that moved needs no explanation', () => {
  const comparison = sampleComparison({ metrics: { p50: SAME, p95: UNKNOWN } })

  expect(diagnoseCase(sampleEvidence({ comparison, model: 'identical' })).findings).toEqual([{ kind: 'nothing_moved' }])
})

test('a change without any other evidence is not located', () => {
  expect(kindsOf({})).toEqual(['not_located'])
})
