import { describe, expect, test } from 'vitest'
import { toPlainText } from '#src/report/clean-text.ts'
import { adviseOnReason, explainReason } from '#src/report/explain-reason.ts'
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
  { kind: 'out_of_range' },
  { kind: 'not_steady', pValue: 0.0002 },
  { kind: 'untrusted_worker', problem: '6 of 20 comparisons of one commit with itself differed.' },
  { kind: 'environment', cause: 'rounds_discarded', rounds: 3, ofRounds: 9 },
  { kind: 'environment', cause: 'steal', rounds: 4, ofRounds: 9 },
  { kind: 'environment', cause: 'throttled', rounds: 1, ofRounds: 1 }
]

describe('an inconclusive case', () => {
  test.each(REASONS)('says why in the sentence of its metric and what to do next: $kind', (reason) => {
    const undecided = {
      ...caseWith(CASE_ID, 'inconclusive', 0),
      reason,
      needed: null,
      metrics: [metric('p50', 0.018, 0.021, 'inconclusive', reason)]
    }
    const report = buildReport(IDENTITY, judged('inconclusive', [undecided]))
    const short = {
      straddles_margin: 'would have been seen.',
      untrusted_worker: 'this machine failed its calibration.'
    }
    const why = new Map(Object.entries(short)).get(reason.kind)
    expect(toPlainText(report.headline)).toMatch(
      /^Inconclusive: p50 of .* may be anything from 0.3 % faster to 3.9 % slower/
    )
    expect(toPlainText(report.headline)).toContain(why ?? toPlainText(explainReason(reason)))
    expect(report.reasons).toEqual([])
    expect(report.nextSteps.map(toPlainText)).toEqual([toPlainText(adviseOnReason(reason))])
  })

  test('that could not be estimated says why once, not once per metric', () => {
    const reason = { kind: 'rounds_dropped', dropped: 3, rounds: 9 } as const
    const open = { ...metric('p50', 0, 0, 'inconclusive', reason), interval: null, relativeChange: null }
    const undecided = { ...caseWith(CASE_ID, 'inconclusive', 0), reason, needed: null, metrics: [open, open, open] }
    const report = buildReport(IDENTITY, judged('inconclusive', [undecided]))
    expect(report.sentences).toEqual([])
    expect(report.reasons.map(toPlainText)).toEqual([`${CASE_ID}: 3 of 9 rounds had to be dropped.`])
  })

  test('without a metric to blame gives the reason of the case', () => {
    const reason = { kind: 'error_rates_differ', pValue: 0.001 } as const
    const undecided = { ...caseWith(CASE_ID, 'inconclusive', 0), reason, needed: null, metrics: [] }
    const report = buildReport(IDENTITY, judged('inconclusive', [undecided]))
    expect(toPlainText(report.headline)).toBe(
      `Inconclusive: ${CASE_ID}: the two sides fail different shares of their requests (p = 0.001).`
    )
    expect(report.reasons).toHaveLength(1)
  })
})
