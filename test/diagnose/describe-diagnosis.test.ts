import { describe, expect, test } from 'vitest'
import { describeDiagnosis } from '#src/diagnose/describe-diagnosis.ts'
import type { JudgedChange } from '#src/diagnose/diagnosis.ts'
import { diffOperatorTimes } from '#src/diagnose/diff-operator-times.ts'
import type { GraphChange } from '#src/diagnose/graph-diff.ts'
import { repeated, sampleProfile, textOf } from './sample-evidence.ts'

const SLOWER: JudgedChange = { caseId: 'a/b/single_stream', metric: 'p50', change: 0.12, interval: [0.1, 0.14] }
const SAME: JudgedChange = { caseId: 'a/b/server', metric: 'service_p50', change: 0, interval: [-0.004, 0.006] }
const MUCH_SLOWER: JudgedChange = { ...SAME, change: 0.4, interval: [0.35, 0.45] }

function graphText(...changes: GraphChange[]): string {
  const nodes = { baseline: 10, candidate: 12 }
  return textOf([{ kind: 'graph_changed', diff: { sameNodes: false, nodes, changes, isPartial: false } }])
}

describe('one sentence each', () => {
  test('contention', () => {
    expect(textOf([{ kind: 'grows_with_concurrency', alone: SLOWER, together: MUCH_SLOWER }])).toBe(
      'The change grows with concurrency: requests that run together take 40 % longer (+35 % to +45 %), one alone 12 % longer (+10 % to +14 %).'
    )
  })

  test('a cost of every request', () => {
    expect(textOf([{ kind: 'every_request', alone: SLOWER, together: SLOWER }])).toBe(
      'Every request changed, alone too: 12 % longer (+10 % to +14 %) alone, 12 % longer (+10 % to +14 %) together.'
    )
  })

  test('waiting', () => {
    const queueP95Ns = { baseline: 1.2e6, candidate: 35e6 }

    expect(textOf([{ kind: 'waiting', service: SAME, queueP95Ns }])).toBe(
      'Requests are served as fast as before (−0.4 % to +0.6 %); what changed is how long they wait: the p95 of the wait is 35 ms, was 1.2 ms.'
    )
  })

  test('the tail', () => {
    const tail = [
      { ...SLOWER, metric: 'p99' } as const,
      { ...SLOWER, metric: 'slow_share', interval: [0.01, 0.03] } as const
    ]

    expect(textOf([{ kind: 'tail_only', typical: SAME, tail }])).toBe(
      'The typical request is unchanged (−0.4 % to +0.6 %), the slow ones are not: p99 12 % longer (+10 % to +14 %), slow requests +1 to +3 percentage points. So it is not more work in every request; these measurements do not tell interruptions, such as garbage collection, from waiting and cold caches.'
    )
  })

  test('errors', () => {
    const counts = { baseline: { failed: 0, requests: 5000 }, candidate: { failed: 1, requests: 4000 } }

    expect(textOf([{ kind: 'errors_climb', counts, pValue: 1e-9 }])).toBe(
      'Errors climb: 1 request of the candidate failed (0.025 %), 0 of the baseline (0 %).'
    )
  })

  test('a budget', () => {
    const alone = { value: 8.7e6, low: 8.5e6, high: 9e6, verdict: 'broken' } as const
    const budget = { name: 'p99Ms', limitNs: 8e6, alone } as const

    expect(textOf([{ kind: 'single_request_over_budget', budget, alone }])).toBe(
      'A single request that waits for no other is over the budget already: its median is 8.5 ms to 9 ms, p99 may be 8 ms. So it is not the load.'
    )
  })

  test('a start', () => {
    expect(
      textOf([
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
      ])
    ).toBe('Of the start, creating the session takes 38 ms longer (154 ms instead of 116 ms).')
  })

  test('loading beside steady state', () => {
    const sides = { ready: { ...SLOWER, metric: 'ready' } as const, steady: SAME }

    expect(textOf([{ kind: 'load_only', ...sides }])).toBe(
      'It sits in starting up: the time until the first answer is 12 % longer (+10 % to +14 %), and requests after that are unchanged (−0.4 % to +0.6 %).'
    )
    expect(textOf([{ kind: 'steady_only', ready: SAME, steady: SLOWER }])).toBe(
      'It sits in answering requests, not in loading: the time until the first answer is unchanged (−0.4 % to +0.6 %).'
    )
    expect(textOf([{ kind: 'load_and_steady', ...sides, steady: SLOWER }])).toBe(
      'Both starting up and answering changed: until the first answer 12 % longer (+10 % to +14 %), requests after that 12 % longer (+10 % to +14 %).'
    )
  })

  test('service and waiting together', () => {
    const queueP95Ns = { baseline: 1e6, candidate: 2e6 }

    expect(textOf([{ kind: 'service_time', service: SLOWER, queueP95Ns }])).toBe(
      'Serving a request takes 12 % longer (+10 % to +14 %); waiting comes on top: the p95 of the wait is 2 ms, was 1 ms.'
    )
  })

  test('errors from a rate on', () => {
    expect(textOf([{ kind: 'errors_under_load', ratePerS: 1200, failedShares: { baseline: 0, candidate: 0.1 } }])).toBe(
      'It does so from 1,200 requests per second on, and at no lower rate: there 10 % fail, 0 % did.'
    )
  })

  test('placement', () => {
    const moves = [{ type: 'Resize', from: 'CUDAExecutionProvider', to: 'CPUExecutionProvider', nodes: 4 }]

    expect(textOf([{ kind: 'placement_changed', diff: { providers: [], moves } }])).toBe(
      'Placement: 4 nodes of `Resize` run on `CPUExecutionProvider`, ran on `CUDAExecutionProvider`.'
    )
  })

  test('a profile that shows the opposite', () => {
    const diff = diffOperatorTimes({
      baseline: [0, 1, 2].map(() => sampleProfile({ MatMul: 2e6 })),
      candidate: [0, 1, 2].map(() => sampleProfile({ MatMul: 1e6 }))
    })
    if (diff === null) throw new Error('There were profiles.')

    expect(textOf([{ kind: 'profile_disagrees', diff }])).toBe(
      'The profiles show the opposite: there the run takes 1.01 ms instead of 2.01 ms, one request after the other.'
    )
  })

  test('settings', () => {
    const settings = [
      { setting: 'intraOpNumThreads', values: { baseline: '4', candidate: '1' } },
      { setting: 'engineVersion', values: { baseline: null, candidate: '1.29.0' } },
      { setting: 'inputs', values: { baseline: '', candidate: '' } }
    ]

    expect(textOf([{ kind: 'settings_changed', settings }])).toBe(
      'Set differently: `intraOpNumThreads` was `4`, is `1`, `engineVersion` was not set, is `1.29.0` and the inputs.'
    )
  })

  test('a graph', () => {
    expect(
      graphText(
        { kind: 'quantisation', nodes: { baseline: 0, candidate: 9 } },
        {
          kind: 'nodes_retyped',
          from: { domain: '', type: 'Relu' },
          to: { domain: 'com.microsoft', type: 'Gelu' },
          nodes: 3
        },
        { kind: 'initializer_bytes', bytes: { baseline: 2 * 1024 ** 2, candidate: 600 } }
      )
    ).toBe(
      'The graph differs: 9 nodes quantise or work on quantised values, 0 did, 3 nodes became `com.microsoft.Gelu` instead of `Relu` and all initialisers take 600 B, were 2 MiB.'
    )
  })

  test('a graph with more changes than fit', () => {
    const added = Array.from(
      { length: 9 },
      (_, index): GraphChange => ({
        kind: 'operator_added',
        operator: { domain: '', type: `Op${index}` },
        nodes: { baseline: 0, candidate: 1 }
      })
    )

    expect(graphText(...added)).toContain('`Op5` is new (1 node) and 3 further changes.')
  })

  test('operators', () => {
    const profiles = (matMul: number, erf: number) =>
      [0, 100, 200].map((more) => sampleProfile({ MatMul: matMul + more, ...(erf === 0 ? {} : { Erf: erf }) }))
    const diff = diffOperatorTimes({ baseline: profiles(900_000, 0), candidate: profiles(1_200_000, 100_000) })
    if (diff === null) throw new Error('There were profiles.')

    expect(textOf([{ kind: 'operators_changed', diff }])).toBe(
      'In the profiles, `MatMul` takes 1.2 ms per request instead of 900 µs (+300 µs, 75 % of the change, most of all `MatMul_0`) and `Erf` takes 100 µs per request and was not there before (+100 µs, 25 % of the change). The whole run takes 1.31 ms instead of 910 µs.'
    )
  })

  test('binding', () => {
    expect(textOf([{ kind: 'binding_changed', binding: repeated(20_000, 50_000), shareOfCall: 0.03 }])).toBe(
      'Handing tensors over and back, outside the graph, takes 50 µs instead of 20 µs: the difference is 3 % of the call.'
    )
  })

  test('nothing', () => {
    expect(textOf([{ kind: 'nothing_differs' }])).toBe(
      'Model file, session settings and inputs are the same on both sides: the change lies outside them.'
    )
    expect(textOf([{ kind: 'graph_unknown' }, { kind: 'not_located' }])).toBe(
      'The model file differs; how could not be read. None of the measurements tell where the change sits.'
    )
  })
})

test('a hostile name travels as a piece of its own, cut', () => {
  const type = `# <b>|\n\u0001\`${'x'.repeat(300)}`
  const pieces = describeDiagnosis({
    findings: [
      {
        kind: 'placement_changed',
        diff: { providers: [], moves: [{ type, from: 'A', to: 'B', nodes: 2 }] }
      }
    ]
  })

  expect(pieces).toContainEqual({ code: `${type.slice(0, 80)}…` })
  expect(pieces.filter((piece) => typeof piece === 'string').join('')).not.toContain('#')
})
