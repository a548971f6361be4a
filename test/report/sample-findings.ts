import type { Finding, JudgedChange } from '#src/diagnose/diagnosis.ts'
import { diffOperatorTimes, type OperatorTimeDiff } from '#src/diagnose/diff-operator-times.ts'
import { repeated, sampleProfile } from '../diagnose/sample-evidence.ts'
import { CASE_ID } from './sample-outcomes.ts'

const SLOWER: JudgedChange = { caseId: CASE_ID, metric: 'p50', change: 0.62, interval: [0.61, 0.63] }
const SAME: JudgedChange = { caseId: CASE_ID, metric: 'service_p50', change: 0, interval: [-0.004, 0.006] }
const ALONE = { value: 8.7e6, low: 8.5e6, high: 9e6, verdict: 'broken' } as const

function profiled(before: Readonly<Record<string, number>>, after: typeof before): OperatorTimeDiff {
  const thrice = (times: typeof before) => [0, 1, 2].map(() => sampleProfile(times))
  const diff = diffOperatorTimes({ baseline: thrice(before), candidate: thrice(after) })
  if (diff === null) throw new Error('There were profiles.')
  return diff
}

/** Each kind of finding. */
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
  service: [
    {
      kind: 'service_time',
      service: { ...SLOWER, metric: 'service_p50' },
      queueP95Ns: { baseline: 1e6, candidate: 2e6 }
    },
    { kind: 'only_weights_differ' }
  ],
  steady: [{ kind: 'steady_only', ready: { ...SAME, metric: 'ready' }, steady: SLOWER }, { kind: 'nothing_differs' }],
  load_and_steady: [{ kind: 'load_and_steady', ready: { ...SLOWER, metric: 'ready' }, steady: SLOWER }],
  only_under_load: [
    {
      kind: 'over_budget_only_under_load',
      budget: { name: 'p99Ms', limitNs: 20e6, alone: { ...ALONE, verdict: 'kept' } },
      alone: { ...ALONE, verdict: 'kept' }
    }
  ],
  operators: [
    { kind: 'operators_changed', diff: profiled({ MatMul: 900_000 }, { MatMul: 1_200_000, Erf: 100_000 }) },
    { kind: 'binding_changed', binding: repeated(20_000, 50_000), shareOfCall: 0.03 }
  ],
  operators_alike: [{ kind: 'operators_alike', diff: profiled({ MatMul: 900_000 }, { MatMul: 900_000 }) }],
  disagreeing: [{ kind: 'profile_disagrees', diff: profiled({ MatMul: 2e6 }, { MatMul: 1e6 }) }],
  not_located: [{ kind: 'graph_unknown' }, { kind: 'not_located' }]
} satisfies Readonly<Record<string, readonly Finding[]>>
