import { expect, test } from 'vitest'
import { judgeResult } from '#src/run/judge-result.ts'
import { BASELINE_SHA, HEAD_SHA, samplePlan, sampleResult } from './sample-run.ts'

const expected = { baselineSha: BASELINE_SHA, candidateSha: HEAD_SHA, plan: samplePlan() }

test.each([
  [1.2, 'regression'],
  [0.8, 'improvement'],
  [1, 'unchanged']
])('a candidate that takes %d times as long is a(n) %s', (factor, verdict) => {
  const outcome = judgeResult(expected, sampleResult(factor))

  expect(outcome).toMatchObject({ kind: 'judged', comparison: { verdict } })
})

test('a result of other commits is refused', () => {
  const result = { ...sampleResult(1), candidateSha: 'd'.repeat(40) }

  expect(judgeResult(expected, result)).toMatchObject({ kind: 'failed', failure: { code: 'worker_error' } })
})

test('a case that was never asked for is refused', () => {
  const result = sampleResult(1)
  const foreign = { ...result, cases: result.cases.map((item) => ({ ...item, caseId: 'other/default/offline' })) }

  expect(judgeResult(expected, foreign)).toMatchObject({
    kind: 'failed',
    failure: { message: expect.stringContaining('other/default/offline') }
  })
})

test('a planned case that is missing in the result is reported as not measured', () => {
  const outcome = judgeResult(expected, { ...sampleResult(1), cases: [] })

  expect(outcome).toMatchObject({
    kind: 'judged',
    notMeasured: [{ caseId: 'vad/default/single_stream', failure: { code: 'worker_error' } }]
  })
})

test('a worker that was stopped in the middle gives no verdict and says what to do', () => {
  const failure = { code: 'cancelled', side: null, message: 'stopped', hint: '' } as const

  const outcome = judgeResult(expected, { ...sampleResult(1), cases: [], failure })

  expect(outcome).toMatchObject({
    kind: 'failed',
    failure: { code: 'worker_error', hint: expect.stringContaining('Re-run') }
  })
})
