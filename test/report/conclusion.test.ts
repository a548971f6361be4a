import { describe, expect, test } from 'vitest'
import type { BenchmarkFailure, FailureCode } from '#contracts/benchmark-result.ts'
import { FailureCode as FailureCodes } from '#contracts/benchmark-result.ts'
import type { BudgetJudgement } from '#src/budgets/judge-budgets.ts'
import type { AccuracyJudgement } from '#src/equivalence/judge-accuracy.ts'
import type { OutputJudgement } from '#src/equivalence/output-judgement.ts'
import { concludeOutcome } from '#src/report/conclusion.ts'
import type { CaseChecks, CheckConclusion, Outcome } from '#src/report/outcome.ts'
import { listUnmeasured } from '#src/report/unmeasured.ts'
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

const NO_CHECKS: CaseChecks = {
  caseId: CASE_ID,
  equivalence: null,
  accuracy: null,
  budgets: [],
  cost: null,
  environment: null,
  diagnosis: null
}

function outputs(verdict: OutputJudgement['verdict']): OutputJudgement {
  const mode = verdict === 'differs' ? 'report' : 'block'
  return { verdict, mode, modeFrom: 'model_identical', reasons: [], notes: [], samples: 16, outputs: 1 }
}

function accuracy(verdict: AccuracyJudgement['verdict']): AccuracyJudgement {
  return {
    verdict,
    metric: 'top1',
    samples: 100,
    baseline: 0.9,
    candidate: 0.8,
    drop: 0.1,
    dropLowerBound: 0.05,
    maxDrop: 0.01,
    pValue: 0.001,
    reason: null
  }
}

function budget(verdict: BudgetJudgement['verdict']): BudgetJudgement {
  const level = { value: 8e6, low: 7e6, high: 9e6, verdict }
  return {
    caseId: CASE_ID,
    name: 'p50Ms',
    unit: 'ns',
    kind: 'ceiling',
    limit: 8e6,
    verdict,
    reason: verdict === 'undecided' ? 'straddles_limit' : null,
    rounds: 9,
    candidate: level,
    baseline: level
  }
}

function failing(code: FailureCode, side: BenchmarkFailure['side'] = null): BenchmarkFailure {
  return { code, side, message: 'It failed.', hint: 'Repair it.' }
}

const WITHIN = budget('kept')

const CHECKS_TABLE: readonly (readonly [
  name: string,
  checks: Partial<CaseChecks>,
  required: CheckConclusion,
  advisory: CheckConclusion,
  doubtFails: CheckConclusion
])[] = [
  ['outputs that are the same', { equivalence: outputs('equivalent') }, 'success', 'success', 'success'],
  ['outputs that differ, only reported', { equivalence: outputs('differs') }, 'success', 'success', 'success'],
  ['outputs that nobody compared', { equivalence: outputs('not_checked') }, 'success', 'success', 'success'],
  [
    'outputs that nobody compared, where the configuration blocks',
    { equivalence: { ...outputs('not_checked'), modeFrom: 'policy' } },
    'neutral',
    'neutral',
    'failure'
  ],
  ['outputs that differ, and block', { equivalence: outputs('not_equivalent') }, 'failure', 'neutral', 'failure'],
  ['accuracy as it was', { accuracy: accuracy('passed') }, 'success', 'success', 'success'],
  ['accuracy that is perhaps worse', { accuracy: accuracy('uncertain') }, 'success', 'success', 'success'],
  ['accuracy that nobody could tell', { accuracy: accuracy('not_checked') }, 'neutral', 'neutral', 'failure'],
  ['accuracy that dropped', { accuracy: accuracy('dropped') }, 'failure', 'neutral', 'failure'],
  ['a budget that is kept', { budgets: [WITHIN] }, 'success', 'success', 'success'],
  ['a budget that is undecided', { budgets: [WITHIN, budget('undecided')] }, 'neutral', 'neutral', 'failure'],
  ['a budget that is broken', { budgets: [budget('broken'), WITHIN] }, 'failure', 'neutral', 'failure'],
  [
    'a broken budget beside an undecided one',
    { budgets: [budget('broken'), budget('undecided')] },
    'failure',
    'neutral',
    'failure'
  ]
]

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

describe('the conclusion of a run that is as fast as before, with', () => {
  test.each(CHECKS_TABLE)('%s', (_, checks, required, advisory, doubtFails) => {
    const isLeftOut = checks.equivalence?.verdict === 'not_equivalent'
    const outcome = judged(isLeftOut ? 'inconclusive' : 'unchanged', isLeftOut ? [] : UNCHANGED, {
      cases: [specWith(CASE_ID)],
      checks: [{ ...NO_CHECKS, ...checks }]
    })

    expect(concludeOutcome(outcome)).toBe(required)
    expect(concludeOutcome({ ...outcome, gate: 'advisory' })).toBe(advisory)
    expect(concludeOutcome({ ...outcome, onInconclusive: 'failure' })).toBe(doubtFails)
  })

  test('a regression and doubt about a budget is that of the regression', () => {
    const outcome = judged('regression', SLOWER, { checks: [{ ...NO_CHECKS, budgets: [budget('undecided')] }] })
    expect(concludeOutcome(outcome)).toBe('failure')
  })

  test('a broken budget of a faster candidate is a failure', () => {
    const faster = [caseWith(CASE_ID, 'improvement', -0.2)]
    const outcome = judged('improvement', faster, { checks: [{ ...NO_CHECKS, budgets: [budget('broken')] }] })
    expect(concludeOutcome(outcome)).toBe('failure')
  })

  test('other answers in one case and no time for the other is not a matter of time alone', () => {
    const other = { ...NO_CHECKS, equivalence: outputs('not_equivalent') }
    const late = { caseId: 'asr/default/offline', failure: failing('timed_out') }
    const outcome = judged('inconclusive', [], {
      cases: [specWith(CASE_ID), specWith(late.caseId)],
      checks: [other],
      notMeasured: [late]
    })
    expect(listUnmeasured(outcome)).toEqual([late])
    expect(concludeOutcome({ ...outcome, gate: 'advisory' })).toBe('failure')
  })

  test('other answers in one case and a new model is that of the answers', () => {
    const fresh = { caseId: 'asr/default/offline', failure: failing('model_missing', 'baseline') }
    const outcome = judged('inconclusive', [], {
      cases: [specWith(CASE_ID), specWith(fresh.caseId)],
      checks: [{ ...NO_CHECKS, equivalence: outputs('not_equivalent') }],
      notMeasured: [fresh]
    })
    expect(concludeOutcome(outcome)).toBe('failure')
  })

  test('outputs that are only reported to differ does not stand for a case that is missing', () => {
    const outcome = judged('unchanged', [], {
      cases: [specWith(CASE_ID)],
      checks: [{ ...NO_CHECKS, equivalence: outputs('differs') }]
    })
    expect(listUnmeasured(outcome)).toMatchObject([{ caseId: CASE_ID, failure: { code: 'worker_error' } }])
  })
})

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
