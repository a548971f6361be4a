import { describe, expect, test } from 'vitest'
import type { BenchmarkFailure, FailureCode } from '#contracts/benchmark-result.ts'
import { FailureCode as FailureCodes } from '#contracts/benchmark-result.ts'
import { concludeOutcome } from '#src/report/conclusion.ts'
import type { CheckConclusion, Outcome } from '#src/report/outcome.ts'
import {
  CASE_ID,
  CONFIG_INVALID,
  caseWith,
  FAILURE,
  failingCase,
  judged,
  NOTHING_COMPARABLE,
  NOTHING_RELEVANT,
  specWith
} from './sample-outcomes.ts'

const UNCHANGED = [caseWith(CASE_ID, 'unchanged', 0.001)]
const SLOWER = [caseWith(CASE_ID, 'regression', 0.5)]
const FAILS_MORE = [failingCase(CASE_ID, { baseline: 0, candidate: 40 })]
const FAILS_LESS = [failingCase(CASE_ID, { baseline: 40, candidate: 0 })]
const UNDECIDED = [caseWith(CASE_ID, 'inconclusive', 0.02)]

function failing(code: FailureCode, side: BenchmarkFailure['side'] = null): BenchmarkFailure {
  return { code, side, message: 'It failed.', hint: 'Repair it.' }
}

const TABLE: readonly (readonly [name: string, outcome: Outcome, conclusion: CheckConclusion])[] = [
  ['regression', judged('regression', SLOWER), 'failure'],
  ['regression under an advisory gate', judged('regression', SLOWER, { gate: 'advisory' }), 'neutral'],
  ['mixed', judged('mixed', SLOWER), 'failure'],
  ['mixed under an advisory gate', judged('mixed', SLOWER, { gate: 'advisory' }), 'neutral'],
  ['improvement', judged('improvement', [caseWith(CASE_ID, 'improvement', -0.2)]), 'success'],
  ['unchanged', judged('unchanged', UNCHANGED), 'success'],
  ['inconclusive', judged('inconclusive', UNDECIDED), 'neutral'],
  ['inconclusive where that fails', judged('inconclusive', UNDECIDED, { onInconclusive: 'failure' }), 'failure'],
  ['a candidate that fails more requests', judged('inconclusive', FAILS_MORE), 'failure'],
  ['a candidate that fails more, advisory', judged('inconclusive', FAILS_MORE, { gate: 'advisory' }), 'neutral'],
  [
    'a candidate that fails more, advisory, where doubt fails',
    judged('inconclusive', FAILS_MORE, { gate: 'advisory', onInconclusive: 'failure' }),
    'neutral'
  ],
  ['a candidate that fails fewer requests', judged('inconclusive', FAILS_LESS), 'neutral'],
  ['nothing relevant changed', NOTHING_RELEVANT, 'success'],
  ['nothing comparable', NOTHING_COMPARABLE, 'failure'],
  ['nothing comparable under an advisory gate', { ...NOTHING_COMPARABLE, gate: 'advisory' }, 'neutral'],
  ['no configuration anywhere', { kind: 'no_config', where: 'both' }, 'success'],
  ['no configuration at the base', { kind: 'no_config', where: 'base' }, 'success'],
  ['a pull request that deletes the configuration', { kind: 'no_config', where: 'head' }, 'failure'],
  ['an invalid configuration', CONFIG_INVALID, 'failure'],
  ['superseded', { kind: 'cancelled', reason: 'A newer commit.' }, 'cancelled'],
  ['waiting for a maintainer', { kind: 'awaiting_approval', reason: 'From a fork.' }, 'action_required']
]

describe('the conclusion of', () => {
  test.each(TABLE)('%s', (_, outcome, conclusion) => {
    expect(concludeOutcome(outcome)).toBe(conclusion)
  })

  test.each(FailureCodes.options)('a run that failed with %s never passes a required check', (code) => {
    const conclusion = concludeOutcome({ kind: 'failed', failure: failing(code) })
    expect(conclusion).toBe(code === 'timed_out' || code === 'cancelled' ? code : 'failure')
  })
})

describe('a judged run with cases that were not measured', () => {
  function withUnmeasured(failure: BenchmarkFailure) {
    return judged('unchanged', UNCHANGED, {
      cases: [specWith(CASE_ID), specWith('asr/default/offline')],
      notMeasured: [{ caseId: 'asr/default/offline', failure }]
    })
  }

  test.each(FailureCodes.options)('fails when one candidate failed with %s', (code) => {
    expect(concludeOutcome(withUnmeasured(failing(code, 'candidate')))).toBe('failure')
  })

  test('fails also under an advisory gate', () => {
    expect(concludeOutcome({ ...withUnmeasured(FAILURE), gate: 'advisory' })).toBe('failure')
  })

  test('times out when time was all that was missing, for every case', () => {
    const late = (caseId: string) => ({ caseId, failure: failing('timed_out') })
    const cases = [specWith(CASE_ID), specWith('asr/default/offline')]
    const outcome = judged('inconclusive', [], { cases, notMeasured: cases.map(({ id }) => late(id)) })
    const other = { caseId: CASE_ID, failure: failing('out_of_memory', 'candidate') }

    expect(concludeOutcome(outcome)).toBe('timed_out')
    expect(concludeOutcome({ ...outcome, notMeasured: [late('asr/default/offline'), other] })).toBe('failure')
    expect(concludeOutcome({ ...outcome, notMeasured: [late('asr/default/offline')] })).toBe('failure')
    expect(concludeOutcome(withUnmeasured(failing('timed_out')))).toBe('failure')
  })

  test('passes when the model is new', () => {
    expect(concludeOutcome(withUnmeasured(failing('model_missing', 'baseline')))).toBe('success')
  })

  test('passes when every model is new', () => {
    const outcome = judged('inconclusive', [], {
      cases: [specWith(CASE_ID)],
      notMeasured: [{ caseId: CASE_ID, failure: failing('model_missing', 'baseline') }],
      onInconclusive: 'failure'
    })
    expect(concludeOutcome(outcome)).toBe('success')
  })

  test('fails when nothing at all was measured', () => {
    expect(concludeOutcome(judged('unchanged', []))).toBe('failure')
  })

  test('fails when a planned case is missing without a word', () => {
    const outcome = judged('unchanged', UNCHANGED, { cases: [specWith(CASE_ID), specWith('asr/default/offline')] })
    expect(concludeOutcome(outcome)).toBe('failure')
  })

  test('fails when the run broke off', () => {
    const outcome = judged('unchanged', UNCHANGED)
    const result = { ...outcome.result, failure: failing('out_of_memory') }
    expect(concludeOutcome({ ...outcome, result })).toBe('failure')
  })
})
