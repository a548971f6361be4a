import { describe, expect, test } from 'vitest'
import type { AccuracyPolicy } from '#contracts/accuracy.ts'
import type { ModelFacts } from '#contracts/benchmark-result.ts'
import { concludeOutcome } from '#src/report/conclusion.ts'
import { listUnmeasured } from '#src/report/unmeasured.ts'
import { facts, output, policy } from '../../equivalence/sample-facts.ts'
import { asked, CASE_ID, judgeCases, measuredResult, sampleSpec, unequalResult } from './sample-answer.ts'

const SAME = facts()
const OTHER = facts({ outputs: [output('scores', { statistics: { mismatched: 400, maxAbsError: 0.5 } })] })
const MODEL: ModelFacts = { sha256: 'c'.repeat(64), bytes: 1000, externalData: [] }
const CHANGED_MODEL = { baseline: MODEL, candidate: { ...MODEL, sha256: 'd'.repeat(64) } }

function askedFor(mode: 'auto' | 'block' | 'report' | 'off') {
  return asked([sampleSpec({ equivalence: policy({ mode }) })])
}

describe('a case that was measured, and whose outputs', () => {
  test.each([
    ['are the same', 'auto', SAME, {}, 'equivalent'],
    ['differ, where that is only reported,', 'report', OTHER, {}, 'differs'],
    ['differ, and so does the model,', 'auto', OTHER, { models: CHANGED_MODEL }, 'differs'],
    ['are not compared', 'off', OTHER, {}, 'not_checked'],
    [
      'could not be compared',
      'block',
      { status: 'not_compared', reason: 'too_large', message: 'big' },
      {},
      'not_checked'
    ]
  ] as const)('%s in mode %s has a verdict on speed', (_name, mode, outputs, changes, verdict) => {
    const judged = judgeCases(askedFor(mode), [measuredResult(1.2, { outputs, ...changes })])

    expect(judged.comparison).toMatchObject({ verdict: 'regression', cases: [{ id: CASE_ID }] })
    expect(judged.checks).toMatchObject([{ caseId: CASE_ID, equivalence: { verdict } }])
  })

  test.each([
    ['auto', 'model_identical'],
    ['block', 'policy']
  ] as const)('differ in mode %s has none, whatever the worker measured', (mode, modeFrom) => {
    const judged = judgeCases(askedFor(mode), [measuredResult(0.5, { outputs: OTHER })])

    expect(judged.comparison.cases).toEqual([])
    expect(judged.checks).toMatchObject([
      {
        caseId: CASE_ID,
        equivalence: { verdict: 'not_equivalent', modeFrom },
        budgets: [],
        cost: null,
        diagnosis: null
      }
    ])
    expect(listUnmeasured(judged)).toEqual([])
    expect(concludeOutcome(judged)).toBe('failure')
    expect(concludeOutcome({ ...judged, gate: 'advisory' })).toBe('neutral')
  })

  test('differ although a file of external data is what changed is only reported', () => {
    const external = (sha256: string) => ({
      ...MODEL,
      externalData: [{ path: 'm.data', sha256: sha256.repeat(64), bytes: 1 }]
    })
    const models = { baseline: external('1'), candidate: external('2') }

    const judged = judgeCases(askedFor('auto'), [measuredResult(1, { outputs: OTHER, models })])

    expect(judged.checks[0]?.equivalence).toMatchObject({ verdict: 'differs', modeFrom: 'model_changed' })
  })

  test('differ, while its model was only moved with its data, blocks', () => {
    const moved = (folder: string, names: readonly string[]) => ({
      ...MODEL,
      externalData: names.map((name) => ({ path: `${folder}/${name}`, sha256: name.repeat(64), bytes: 1 }))
    })
    const models = { baseline: moved('old', ['b', 'a']), candidate: moved('new', ['a', 'b']) }

    const judged = judgeCases(askedFor('auto'), [measuredResult(1, { outputs: OTHER, models })])

    expect(judged.checks[0]?.equivalence).toMatchObject({ verdict: 'not_equivalent', modeFrom: 'model_identical' })
  })

  test('were never asked for is judged by speed alone', () => {
    const { equivalence: _, ...spec } = sampleSpec()

    const judged = judgeCases(asked([spec]), [measuredResult(1, { outputs: OTHER })])

    expect(judged.comparison.verdict).toBe('unchanged')
    expect(judged.checks).toMatchObject([{ equivalence: null }])
    expect(concludeOutcome(judged)).toBe('success')
  })

  test('an older worker did not compare passes, and the report can say so', () => {
    const judged = judgeCases(askedFor('auto'), [measuredResult(1)])

    expect(judged.checks[0]?.equivalence).toMatchObject({ verdict: 'not_checked', notes: [{ kind: 'no_facts' }] })
    expect(concludeOutcome(judged)).toBe('success')
  })

  test('could not be compared leaves doubt where they had to be the same, whoever says so', () => {
    const outputs = { status: 'not_compared', reason: 'too_large', message: 'Too large.' } as const

    const conclude = (mode: 'auto' | 'block' | 'report') =>
      concludeOutcome({ ...judgeCases(askedFor(mode), [measuredResult(1, { outputs })]), onInconclusive: 'failure' })

    expect([conclude('block'), conclude('auto'), conclude('report')]).toEqual(['failure', 'failure', 'success'])
  })
})

describe('a case that the worker left out, because its answers differ,', () => {
  test('is judged so by its own facts', () => {
    const judged = judgeCases(askedFor('auto'), [unequalResult({ outputs: OTHER, warnings: ['Inputs differ.'] })])

    expect(judged.comparison).toEqual({ verdict: 'inconclusive', cases: [] })
    expect(judged.checks).toMatchObject([{ equivalence: { verdict: 'not_equivalent' }, accuracy: null }])
    expect(judged.measured).toMatchObject([{ caseId: CASE_ID, stopReason: null, warnings: ['Inputs differ.'] }])
    expect(judged.notMeasured).toEqual([])
    expect(concludeOutcome(judged)).toBe('failure')
  })

  test.each([
    ['are the same', 'block', { outputs: SAME }, 'equivalent'],
    ['only have to be reported', 'report', { outputs: OTHER }, 'differs'],
    ['differ with the model', 'auto', { outputs: OTHER, models: CHANGED_MODEL }, 'differs'],
    ['are missing', 'block', {}, 'not_checked']
  ] as const)('and whose facts %s is a mistake of the worker', (_name, mode, changes, said) => {
    const judged = judgeCases(askedFor(mode), [unequalResult(changes)])

    expect(judged.checks).toEqual([])
    expect(judged.notMeasured).toMatchObject([
      { caseId: CASE_ID, failure: { code: 'worker_error', message: expect.stringContaining(said) } }
    ])
    expect(concludeOutcome({ ...judged, gate: 'advisory' })).toBe('failure')
  })

  test('is a mistake of the worker where nobody asked', () => {
    const { equivalence: _, ...spec } = sampleSpec()

    const judged = judgeCases(asked([spec]), [unequalResult({ outputs: OTHER })])

    expect(judged.notMeasured).toMatchObject([{ failure: { code: 'worker_error' } }])
  })

  test('does not take the verdict of the others', () => {
    const second = sampleSpec({ id: 'vad/default/offline', scenario: { kind: 'offline', batchSize: 8 } })
    const expected = asked([sampleSpec({ equivalence: policy() }), second])

    const judged = judgeCases(expected, [
      unequalResult({ outputs: OTHER }),
      measuredResult(0.8, { caseId: second.id, outputs: SAME })
    ])

    expect(judged.comparison).toMatchObject({ verdict: 'improvement', cases: [{ id: second.id }] })
    expect(judged.checks.map(({ caseId }) => caseId)).toEqual([CASE_ID, second.id])
    expect(concludeOutcome(judged)).toBe('failure')
  })
})

describe('accuracy', () => {
  const accuracy: AccuracyPolicy = {
    metric: 'top1',
    output: null,
    samples: [{ path: 'a.npz', input: null }],
    labels: 'labels.json',
    maxDrop: 0.01
  }
  const answers = (onlyBaselineRight: number, onlyCandidateRight: number) =>
    ({ kind: 'answers', samples: 1000, bothRight: 800, onlyBaselineRight, onlyCandidateRight, bothWrong: 100 }) as const
  const expected = asked([sampleSpec({ accuracy })])

  test.each([
    ['as good', answers(10, 10), 'passed', 'success'],
    ['worse than is allowed', answers(90, 10), 'dropped', 'failure'],
    ['perhaps worse', answers(20, 5), 'uncertain', 'success']
  ] as const)('that is %s', (_name, found, verdict, conclusion) => {
    const judged = judgeCases(expected, [measuredResult(1, { accuracy: found })])

    expect(judged.checks).toMatchObject([{ accuracy: { verdict } }])
    expect(judged.comparison).toMatchObject({ verdict: 'unchanged', cases: [{ id: CASE_ID }] })
    expect(concludeOutcome(judged)).toBe(conclusion)
  })

  test('that dropped ends neutral under an advisory gate', () => {
    const judged = judgeCases(expected, [measuredResult(1, { accuracy: answers(90, 10) })])

    expect(concludeOutcome({ ...judged, gate: 'advisory', onInconclusive: 'failure' })).toBe('neutral')
  })

  test.each([
    ['could not be scored', { accuracy: { kind: 'not_scored', message: 'A label is missing.' } }],
    ['an older worker did not look at', {}]
  ] as const)('that %s leaves doubt', (_name, changes) => {
    const judged = judgeCases(expected, [measuredResult(1, changes)])

    expect(judged.checks).toMatchObject([{ accuracy: { verdict: 'not_checked' } }])
    expect(concludeOutcome(judged)).toBe('neutral')
    expect(concludeOutcome({ ...judged, onInconclusive: 'failure' })).toBe('failure')
  })

  test('is told of a case whose outputs differ, where the worker scored it', () => {
    const both = asked([sampleSpec({ accuracy, equivalence: policy() })])

    const judged = judgeCases(both, [unequalResult({ outputs: OTHER, accuracy: answers(90, 10) })])

    expect(judged.checks).toMatchObject([
      { equivalence: { verdict: 'not_equivalent' }, accuracy: { verdict: 'dropped' } }
    ])
  })

  test('that nobody asked for is not looked at', () => {
    const judged = judgeCases(asked([sampleSpec()]), [measuredResult(1, { accuracy: answers(90, 10) })])

    expect(judged.checks).toMatchObject([{ accuracy: null }])
    expect(concludeOutcome(judged)).toBe('success')
  })
})
