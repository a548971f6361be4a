import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { METRICS } from '#contracts/metric.ts'
import { toPlainText } from '#src/report/clean-text.ts'
import { describeMetric, nameMetricOfCase } from '#src/report/describe-metric.ts'
import { toMarkdown } from '#src/report/escape-markdown.ts'
import type { CaseComparison, InconclusiveReason, MetricComparison, Verdict } from '#stats/verdict.ts'
import { findEscaped } from './parse-report.ts'
import { caseWith, HOSTILE_TEXTS, metric } from './sample-outcomes.ts'

const STRADDLES = { kind: 'straddles_margin' } as const

function say(
  comparison: MetricComparison,
  verdict: Verdict = 'regression',
  rest: Partial<CaseComparison> = {}
): string {
  return toPlainText(describeMetric({ of: { ...caseWith('a', verdict, 0), ...rest }, comparison }))
}

function open(reason: InconclusiveReason): MetricComparison {
  return metric('p50', 0.011, 0.023, 'inconclusive', reason)
}

describe('a regression and its mirror image', () => {
  test.each([
    [
      { ...metric('p95', 0.061, 0.009, 'regression'), smallestDetectableChange: 0.014 },
      'p95 is 6.1 % slower (5.2 % to 7.0 %); your limit is 5 %; a change of 1.4 % would have been seen.'
    ],
    [
      metric('p50', -0.21, 0.01, 'improvement'),
      'p50 is 21 % faster (20 % to 22 %); your limit is 2 %; a change of 1.3 % would have been seen.'
    ],
    [
      metric('throughput', -0.058, 0.008, 'regression'),
      'throughput is 5.8 % lower (5.0 % to 6.6 %); your limit is 2 %; a change of 1.1 % would have been seen.'
    ],
    [
      metric('throughput', 0.27, 0.01, 'improvement'),
      'throughput is 27 % higher (26 % to 28 %); your limit is 2 %; a change of 1.3 % would have been seen.'
    ],
    [
      metric('slow_share', 0.031, 0.004, 'regression'),
      'share of slow requests is 3.1 percentage points higher (2.7 to 3.5 percentage points); your limit is 1 percentage point; a change of 0.6 percentage points would have been seen.'
    ]
  ])('%#', (comparison, expected) => {
    expect(say(comparison)).toBe(expected)
  })

  test('names the smaller limit that holds downwards where the change lies between the two', () => {
    expect(say({ ...metric('p99', -0.094, 0.01, 'improvement'), smallestDetectableChange: null })).toBe(
      'p99 is 9.4 % faster (8.4 % to 11 %); your limit is 10 % (downwards 9.1 %).'
    )
  })
})

describe('an unchanged metric', () => {
  test.each([
    [
      metric('p50', 0.004, 0.006, 'unchanged'),
      'p50 is unchanged: 0.2 % faster to 1.0 % slower; your limit is 2 %; a change of 0.8 % would have been seen.'
    ],
    [
      metric('throughput', -0.004, 0.006, 'unchanged'),
      'throughput is unchanged: 1.0 % lower to 0.2 % higher; your limit is 2 %; a change of 0.8 % would have been seen.'
    ],
    [
      { ...metric('p50', 0, 0, 'unchanged'), smallestDetectableChange: 0 },
      'p50 is unchanged: no difference at all; your limit is 2 %; any change would have been seen.'
    ],
    [
      { ...metric('p50', 0.01, 0.002, 'unchanged'), significant: true },
      'p50 is 1.0 % slower (0.8 % to 1.2 %): real, but below your limit of 2 %; a change of 0.3 % would have been seen.'
    ],
    [
      { ...metric('p50', 0.0002, 0.0001, 'unchanged'), significant: true },
      'p50 is less than 0.1 % slower (0 % to 0.1 %): real, but below your limit of 2 %; a change of 0.1 % would have been seen.'
    ]
  ])('%#', (comparison, expected) => {
    expect(say(comparison, 'unchanged')).toBe(expected)
  })
})

describe('an inconclusive metric', () => {
  const range =
    'p50 may be anything from 1.2 % faster to 3.4 % slower; your limit is 2 %; a change of 3.0 % would have been seen'

  test.each<readonly [InconclusiveReason, string]>([
    [{ kind: 'not_significant', comparisons: 40 }, 'too uncertain for one of 40 comparisons in this run'],
    [{ kind: 'too_few_rounds', rounds: 1, needed: 6 }, '1 usable round, 6 needed'],
    [{ kind: 'too_few_requests', requestsPerRound: 80.4, needed: 120 }, '80 requests per round, 120 needed'],
    [{ kind: 'rounds_dropped', dropped: 3, rounds: 9 }, '3 of 9 rounds had to be dropped'],
    [
      { kind: 'error_rates_differ', pValue: 0.0012 },
      'the two sides fail different shares of their requests (p = 0.0012)'
    ],
    [
      { kind: 'below_absolute_floor', floorNs: 2000 },
      'the difference is smaller than 2.00 µs, too little for a clock to tell'
    ],
    [{ kind: 'out_of_time' }, 'the time limit of the job came before a decision'],
    [
      { kind: 'not_steady', pValue: 1e-9 },
      'the difference drifted within the rounds (p below 0.0001), so a side was not warm'
    ],
    [
      { kind: 'untrusted_worker', problem: '6 of 20 comparisons of one commit with itself differed.' },
      'this machine failed its calibration'
    ]
  ])('says how far it may lie and why it is open: %j', (reason, why) => {
    expect(say(open(reason), 'inconclusive')).toBe(`${range}; ${why}.`)
  })

  test('says how much more measuring would settle it, where that is known and would', () => {
    const needed = { rounds: 12, measuringMs: 39_400 }
    expect(say(open(STRADDLES), 'inconclusive', { needed })).toBe(
      `${range}; about 40 s more of measuring should settle it.`
    )
    const farAway = { rounds: 1000, measuringMs: 2_000_000 }
    expect(say(open(STRADDLES), 'inconclusive', { needed: farAway })).toBe(
      `${range}; more measuring would take too long to settle it.`
    )
    expect(say(open(STRADDLES), 'inconclusive', { needed: null })).toBe(`${range}.`)
    expect(say(open(STRADDLES), 'regression', { needed })).toBe(`${range}.`)
    const tail = metric('p99', 0.031, 0.109, 'inconclusive', STRADDLES)
    expect(say(tail, 'inconclusive', { needed })).not.toContain('settle')
  })

  test('says only why when nothing could be estimated', () => {
    const nothing = { ...open({ kind: 'out_of_time' }), relativeChange: null, interval: null }
    expect(say(nothing, 'inconclusive')).toBe('p50 is not settled: the time limit of the job came before a decision.')
  })
})

describe('a tail that did not settle in a case that passed', () => {
  test.each([
    [
      metric('p99', 0.031, 0.107, 'inconclusive', STRADDLES),
      'p99: no regression found, at most 14 % slower; your limit is 10 %; a change of 14 % would have been seen.'
    ],
    [
      metric('p99', -0.2, 0.15, 'inconclusive', STRADDLES),
      'p99: no regression found, at least 5.0 % faster; your limit is 10 %; a change of 20 % would have been seen.'
    ],
    [
      metric('slow_share', 0.002, 0.014, 'inconclusive', STRADDLES),
      'share of slow requests: no regression found, at most 1.6 percentage points higher; your limit is 1 percentage point; a change of 1.9 percentage points would have been seen.'
    ]
  ])('%#', (comparison, expected) => {
    expect(say(comparison, 'unchanged')).toBe(expected)
  })
})

test('a metric that is not assessed says what is missing', () => {
  const short = { kind: 'too_few_requests', requestsPerRound: 240, needed: 600 } as const
  expect(say(metric('p99', 0, 0, 'not_assessed', short))).toBe(
    'p99 is not assessed: 240 requests per round, 600 needed.'
  )
  expect(say(metric('p99', 0, 0, 'not_assessed'))).toBe('p99 is not assessed: no reason was given.')
})

test('the case is named where the sentence stands alone', () => {
  const of = caseWith('vad/default/single_stream', 'regression', 0.1)
  const about = { of, comparison: metric('p95', 0.061, 0.009, 'regression') }
  expect(toPlainText(describeMetric(about, nameMetricOfCase(about)))).toMatch(
    /^p95 of vad\/default\/single_stream is 6\.1 % slower/
  )
})

describe('absurd numbers', () => {
  test.each([
    [metric('p50', 12.4, 1, 'regression'), 'p50 is 13 times slower (12 to 15 times)'],
    [
      { ...metric('p50', Number.MAX_VALUE, 0, 'regression'), interval: [0.5, Number.MAX_VALUE] as const },
      'p50 is more than 1,000 times slower (50 % to more than 1,000 times)'
    ],
    [metric('throughput', -0.9999, 0, 'regression'), 'throughput is more than 99 % lower (more than 99 %)'],
    [
      { ...metric('p50', Number.NaN, 0, 'inconclusive', STRADDLES), interval: [Number.NaN, 1] as const },
      'p50 is not settled: the interval reaches across the limit'
    ],
    [{ ...metric('p50', 0.1, 0, 'regression'), interval: null }, 'p50: regression, by how much is not known']
  ])('%#', (comparison, expected) => {
    expect(say(comparison)).toContain(expected)
  })

  test('never reach the reader', () => {
    const number = fc.oneof(
      fc.double(),
      fc.double({ min: -1, max: 1 }),
      fc.constantFrom(0, -0, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN, -1)
    )
    const verdicts = ['regression', 'improvement', 'unchanged', 'inconclusive', 'not_assessed'] as const
    const verdict = fc.constantFrom(...verdicts)
    const numbers = fc.tuple(number, number, number, number)
    fc.assert(
      fc.property(numbers, verdict, fc.constantFrom(...METRICS), fc.boolean(), (drawn, called, name, significant) => {
        const [change, low, high, detectable] = drawn
        const comparison: MetricComparison = {
          ...metric(name, 0, 0, called, STRADDLES),
          relativeChange: change,
          interval: [low, high],
          significant,
          smallestDetectableChange: detectable
        }
        const said = say(comparison, 'unchanged')
        expect(said).not.toMatch(/NaN|Infinity|undefined|null|0\.0 %|e[+-]\d/u)
        expect(said.length).toBeLessThan(300)
      })
    )
  })
})

test.each(HOSTILE_TEXTS)('a problem that reads %j stays inert', (problem) => {
  const comparison = open({ kind: 'untrusted_worker', problem })
  const about = { of: caseWith(problem, 'inconclusive', 0), comparison }
  expect(findEscaped(toMarkdown(describeMetric(about, nameMetricOfCase(about))))).toEqual([])
})

test.each([
  ['sustained_rate', -0.2, 'regression', /^highest rate that keeps the latency objective is 20 % lower \(/],
  ['tokens_per_s', 0.1, 'improvement', /^token rate is 10 % higher \(/],
  ['ttft', 0.08, 'regression', /^time to the first token is 8\.0 % slower \(/],
  ['goodput', -0.05, 'regression', /^share of good requests is 5\.0 percentage points lower \(/],
  ['memory', 0.08, 'regression', /^memory is 8\.0 % higher \(/],
  ['memory_growth', 1.76e6, 'regression', /^memory growth is 1\.76 MB per 1,000 requests higher \(/]
] as const)('%s is told in its own words', (name, change, verdict, pattern) => {
  expect(
    toPlainText(describeMetric({ of: caseWith('a', verdict, 0), comparison: metric(name, change, 0.01, verdict) }))
  ).toMatch(pattern)
})
