import { describe, expect, test } from 'vitest'
import { toPlainText } from '#src/report/clean-text.ts'
import { explainReason } from '#src/report/explain-reason.ts'
import { buildReport } from '#src/report/report-model.ts'
import type { InconclusiveReason } from '#stats/verdict.ts'
import { CASE_ID, caseWith, IDENTITY, judged, metric } from './sample-outcomes.ts'

const REASONS: readonly InconclusiveReason[] = [
  { kind: 'straddles_margin' },
  { kind: 'not_significant', comparisons: 40 },
  { kind: 'too_few_rounds', rounds: 4, needed: 6 },
  { kind: 'too_few_requests', requestsPerRound: 80, needed: 120 },
  { kind: 'rounds_dropped', dropped: 3, rounds: 9 },
  { kind: 'error_rates_differ', pValue: 0.00012 },
  { kind: 'below_absolute_floor', floorNs: 20_000 },
  { kind: 'out_of_time' },
  { kind: 'not_steady', pValue: 0.0002 },
  { kind: 'untrusted_worker', problem: '6 of 20 comparisons of one commit with itself differed.' }
]

describe('an inconclusive case', () => {
  test.each(REASONS)('says why and what to do next: $kind', (reason) => {
    const undecided = {
      ...caseWith(CASE_ID, 'inconclusive', 0),
      reason,
      metrics: [metric('p50', 0.018, 0.021, 'inconclusive', reason)]
    }
    const report = buildReport(IDENTITY, judged('inconclusive', [undecided]))
    const { why, next } = explainReason(reason)
    expect(report.reasons.map(toPlainText)).toEqual([
      `${CASE_ID}, p50: ${why} The smallest change that this run could have seen: p50 2.8 %.`
    ])
    expect(report.nextSteps.map(toPlainText)).toEqual([next])
  })

  test('without a metric to blame gives the reason of the case', () => {
    const reason = { kind: 'error_rates_differ', pValue: 0.001 } as const
    const undecided = { ...caseWith(CASE_ID, 'inconclusive', 0), reason, metrics: [] }
    const report = buildReport(IDENTITY, judged('inconclusive', [undecided]))
    expect(toPlainText(report.headline)).toContain(
      'The two sides failed different shares of their requests (p = 0.0010)'
    )
    expect(report.reasons).toHaveLength(1)
  })
})
