import type { Finding } from '#src/diagnose/diagnosis.ts'
import type { OutputJudgement, OutputReason } from '#src/equivalence/output-judgement.ts'
import type { Judged } from '#src/report/unmeasured.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import { budget, checksOf, DROPPED, differing, elementsDiffer, equivalent } from './sample-checks.ts'
import { caseWith, judged, specWith } from './sample-outcomes.ts'

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
