import { describe, expect, test } from 'vitest'
import { findWorst, formatRow, listMetrics, sortWorstFirst } from '#src/report/metric-rows.ts'
import type { CaseComparison, MetricComparison } from '#stats/verdict.ts'
import { caseWith, metric } from './sample-outcomes.ts'

function caseOf(id: string, verdict: CaseComparison['verdict'], ...metrics: readonly MetricComparison[]) {
  return { ...caseWith(id, verdict, 0), metrics }
}

function order(...cases: readonly CaseComparison[]): readonly string[] {
  return sortWorstFirst(listMetrics(cases)).map(({ of, comparison }) => `${of.id} ${comparison.metric}`)
}

describe('rows', () => {
  test('stand from regression over inconclusive and unchanged to improvement', () => {
    const cases = [
      caseOf('a', 'improvement', metric('p50', -0.2, 0.01, 'improvement')),
      caseOf('b', 'unchanged', metric('p50', 0, 0.01, 'unchanged'), metric('p99', 0, 0, 'not_assessed')),
      caseOf('c', 'inconclusive', metric('p50', 0.01, 0.03, 'inconclusive')),
      caseOf('d', 'regression', metric('p50', 0.1, 0.01, 'regression'))
    ]
    expect(order(...cases)).toEqual(['d p50', 'c p50', 'b p50', 'a p50', 'b p99'])
  })

  test('put the case first that is most over its limit, not the one with the largest percentage', () => {
    const tail = caseOf('tail', 'regression', metric('p99', 0.3, 0.05, 'regression'))
    const typical = caseOf('typical', 'regression', metric('p50', 0.2, 0.01, 'regression'))
    expect(order(tail, typical)).toEqual(['typical p50', 'tail p99'])
  })

  test('keep the metrics of a case together', () => {
    const first = caseOf(
      'x',
      'regression',
      metric('throughput', -0.3, 0, 'regression'),
      metric('p99', 0.11, 0, 'regression')
    )
    const second = caseOf('y', 'regression', metric('p50', 0.1, 0, 'regression'))
    expect(order(second, first)).toEqual(['x p99', 'x throughput', 'y p50'])
  })

  test('put the largest improvement and the most doubtful inconclusive first of their kind', () => {
    const cases = [
      caseOf('a', 'improvement', metric('p50', -0.1, 0, 'improvement')),
      caseOf('b', 'improvement', metric('throughput', 0.4, 0, 'improvement')),
      caseOf('c', 'inconclusive', metric('p50', 0.01, 0.02, 'inconclusive')),
      caseOf('d', 'inconclusive', metric('throughput', -0.01, 0.09, 'inconclusive'))
    ]
    expect(order(...cases)).toEqual(['d throughput', 'c p50', 'b throughput', 'a p50'])
  })

  test('name p50 when latency and throughput say the same', () => {
    const same = caseOf(
      'a',
      'regression',
      metric('throughput', 1 / 1.62 - 1, 0, 'regression'),
      metric('p50', 0.62, 0, 'regression')
    )
    expect(findWorst(listMetrics([same]), 'regression')?.comparison.metric).toBe('p50')
  })
})

test('a verdict is named by another metric only when that is clearly worse', () => {
  const near = caseOf(
    'a',
    'regression',
    metric('p50', 0.09, 0, 'regression'),
    metric('throughput', -0.09, 0, 'regression')
  )
  const far = caseOf(
    'a',
    'regression',
    metric('p50', 0.03, 0, 'regression'),
    metric('throughput', -0.09, 0, 'regression')
  )
  expect(findWorst(listMetrics([near]), 'regression')?.comparison.metric).toBe('p50')
  expect(findWorst(listMetrics([far]), 'regression')?.comparison.metric).toBe('throughput')
})

describe('a verdict cell', () => {
  const straddles = { kind: 'straddles_margin' } as const
  const cell = (verdict: CaseComparison['verdict'], comparison: MetricComparison) =>
    formatRow({ of: caseOf('a', verdict), comparison })

  test('of a tail that was not called in a case that passed prints its upper bound', () => {
    const row = cell('unchanged', metric('p99', 0.03, 0.11, 'inconclusive', straddles))
    expect(row).toMatchObject({ verdict: 'bounded', verdictText: 'no regression found, at most +14 %' })
  })

  test('of a tail that was not called in a case that regressed says why', () => {
    const row = cell('regression', metric('p99', 0.03, 0.11, 'inconclusive', straddles))
    expect(row).toMatchObject({ verdict: 'inconclusive', verdictText: 'inconclusive: interval crosses the limit' })
  })

  test('tells a real change below the limit from no change', () => {
    const row = cell('unchanged', { ...metric('p50', 0.01, 0.002, 'unchanged'), significant: true })
    expect(row.verdictText).toBe('unchanged: real but below the limit')
  })

  test('of a metric without numbers says so', () => {
    const short = { kind: 'too_few_requests', requestsPerRound: 80, needed: 120 } as const
    expect(cell('unchanged', metric('p99', 0, 0, 'not_assessed', short))).toMatchObject({
      change: '–',
      interval: '–',
      verdictText: 'not assessed: too few requests'
    })
  })
})
