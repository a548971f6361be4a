import { describe, expect, test } from 'vitest'
import { reviveState, type StoredRunState } from '#src/history/revive-state.ts'
import { concludeOutcome } from '#src/report/conclusion.ts'
import { judgeResult } from '#src/run/judge-result.ts'
import type { RunState } from '#src/run/run.ts'
import { CASE_ID, caseWith, judged } from '../report/sample-outcomes.ts'
import { asked, measuredResult, sampleSpec } from '../run/judge/sample-answer.ts'
import { BASELINE_SHA, queuedState, sampleResult } from '../run/sample-run.ts'

/** As the database gives it back. */
function stored(state: RunState): StoredRunState {
  return JSON.parse(JSON.stringify(state))
}

/** The same without these keys, wherever they stand: what a version wrote that did not know them. */
function without(state: RunState, keys: readonly string[]): StoredRunState {
  return JSON.parse(JSON.stringify(state, (key, value) => (keys.includes(key) ? undefined : value)))
}

const ADDED_TO_PLANS = [
  'price',
  'equivalence',
  'budgets',
  'checkout',
  'deviceId',
  'cpuFallback',
  'configEntries',
  'engineVersion',
  'samples',
  'recorded',
  'design',
  'sustainedRate',
  'memoryGrowth'
]
const COMMITS = { baselineSha: BASELINE_SHA, baseTipSha: BASELINE_SHA }

describe('a run that waits for its worker', () => {
  test('is the same after a restart', () => {
    expect(reviveState(stored(queuedState()))).toEqual(queuedState())
  })

  test('and was planned by an older version is judged as it was meant', () => {
    const revived = reviveState(without(queuedState(), ADDED_TO_PLANS))
    if (revived.kind !== 'queued') throw new Error(`It became ${revived.kind}.`)
    const { plan } = revived.planned
    const { baseline, candidate } = sampleSpec()

    expect(plan.price).toBeNull()
    expect(plan.cases[0]).toMatchObject({ baseline, candidate })
    const outcome = judgeResult(asked(plan.cases, plan), { ...sampleResult(1.2), cases: [measuredResult(1.2)] })
    expect(outcome).toMatchObject({
      kind: 'judged',
      comparison: { verdict: 'regression' },
      checks: [
        { equivalence: null, accuracy: null, budgets: [], cost: null, diagnosis: { findings: expect.any(Array) } }
      ]
    })
  })
})

describe('a run that was decided', () => {
  const outcome = judged('unchanged', [caseWith(CASE_ID, 'unchanged', 0.001)])
  const decided: RunState = { kind: 'decided', commits: COMMITS, outcome }

  test('is the same after a restart', () => {
    expect(reviveState(stored(decided))).toEqual(decided)
  })

  test('by an older version has no checks, and concludes as it did', () => {
    const older = [...ADDED_TO_PLANS, 'checks', 'externalData', 'calibration', 'baselineInterval', 'needed']

    const revived = reviveState(without(decided, older))

    if (revived.kind !== 'decided' || revived.outcome.kind !== 'judged') throw new Error('It is not judged.')
    expect(revived.outcome.checks).toEqual([])
    expect(revived.outcome.cases).toMatchObject([{ baseline: outcome.cases[0]?.baseline }])
    expect(revived.outcome.measured).toEqual(outcome.measured)
    expect(concludeOutcome(revived.outcome)).toBe('success')
  })
})
