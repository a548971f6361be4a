import { describe, expect, it } from 'vitest'
import { renderComparison } from '#src/cli/render-comparison.ts'
import { toPlainText } from '#src/report/clean-text.ts'
import { describeMetric } from '#src/report/describe-metric.ts'
import { judgeRun } from '#stats/judge-run.ts'
import type { CaseComparison, MetricComparison } from '#stats/verdict.ts'
import { simulateCase } from '#test/stats/build-measurements.ts'

function metric(parts: Partial<MetricComparison>): MetricComparison {
  return {
    metric: 'p50',
    unit: 'ns',
    baseline: 2_000_000,
    candidate: 2_120_000,
    baselineInterval: null,
    candidateInterval: null,
    relativeChange: 0.06,
    interval: [0.055, 0.0654],
    verdict: 'regression',
    reason: null,
    significant: true,
    pValue: 1e-6,
    threshold: 0.02,
    smallestDetectableChange: 0.012,
    ...parts
  }
}

function comparisonOf(parts: Partial<CaseComparison>): CaseComparison {
  return {
    id: 'vad/cpu/single',
    verdict: 'regression',
    reason: null,
    metrics: [],
    rounds: 9,
    requests: { baseline: 2160, candidate: 2150 },
    errors: { baseline: 0, candidate: 0, pValue: null },
    needed: null,
    warnings: [],
    ...parts
  }
}

describe('renderComparison', () => {
  it('shows table, picture and sentences of each case under the verdict', () => {
    const comparison = comparisonOf({
      metrics: [
        metric({}),
        metric({
          metric: 'throughput',
          unit: 'requests/s',
          baseline: 500,
          candidate: 495.1,
          relativeChange: -0.0098,
          interval: [-0.012, -0.007],
          verdict: 'unchanged'
        }),
        metric({
          metric: 'p99',
          baseline: 812_000,
          candidate: 1_400_000_000,
          relativeChange: 0.04,
          interval: [-0.03, 0.14],
          verdict: 'inconclusive',
          reason: { kind: 'straddles_margin' },
          threshold: 0.1,
          smallestDetectableChange: 0.2
        }),
        metric({
          metric: 'slow_share',
          unit: 'share',
          baseline: 0.061,
          candidate: null,
          relativeChange: null,
          interval: null,
          verdict: 'not_assessed',
          reason: { kind: 'too_few_requests', requestsPerRound: 100, needed: 120 }
        })
      ],
      warnings: ['1 of 10 launches had no successful requests of both sides and were left out.']
    })

    expect(renderComparison({ verdict: 'regression', cases: [comparison] })).toMatchInlineSnapshot(`
      "Regression: 1 of 1 case (vad/cpu/single) got slower.

      vad/cpu/single: regression
        9 rounds, 2,160 baseline and 2,150 candidate requests
        metric         baseline  candidate  change          interval  verdict
        p50             2.00 ms    2.12 ms  +6.0 %  +5.5 % to +6.6 %  regression
        p99              812 µs     1.40 s  +4.0 %   −3.0 % to +14 %  inconclusive: interval crosses the limit
        throughput        500/s      495/s  −1.0 %  −1.2 % to −0.7 %  unchanged: real but below the limit
        slow requests     6.1 %          –       –                 –  not assessed: too few requests

                        limit ◂ better          0           worse ▸
        p50              ±2 %          ┊        │        ┊        ▶  +6.0 %
        p99             ±10 %          ┊     ╺━━┿━━━●━━━━┿━━╸        +4.0 %
        throughput       ±2 %          ┊        │  ╺●╸   ┊           −1.0 %

        - p50 is 6.0 % slower (5.5 % to 6.6 %); your limit is 2 %; a change of 1.2 % would have been seen.
        - p99 may be anything from 3.0 % faster to 14 % slower; your limit is 10 %; a change of 20 % would have been seen.
        - throughput is 1.0 % lower (0.7 % to 1.2 %): real, but below your limit of 2 %; a change of 1.2 % would have been seen.
        - share of slow requests is not assessed: 100 requests per round, 120 needed.
        ! 1 of 10 launches had no successful requests of both sides and were left out.

      ● estimate, ━━ interval, ┊ your limits, │ no change, ◀ ▶ goes on
      Baseline and candidate are pooled over all requests (slow requests: mean of the rounds). Change and interval come from paired rounds.
      "
    `)
  })

  it('puts the worst case first', () => {
    const run = judgeRun({
      cases: [simulateCase({ id: 'same' }), simulateCase({ id: 'slow', slowdown: 1.2 })]
    })

    const text = renderComparison(run)

    expect(text.indexOf('\nslow: regression')).toBeGreaterThan(0)
    expect(text.indexOf('\nslow: regression')).toBeLessThan(text.indexOf('\nsame: unchanged'))
  })

  it('says why a case is inconclusive', () => {
    const short = judgeRun({ cases: [simulateCase({ launches: 1 })] })

    expect(renderComparison(short)).toContain('model/cpu/single: inconclusive, 1 usable round, 6 needed')
  })

  it('tells each verdict in the words of the reports', () => {
    const undecided = comparisonOf({
      verdict: 'inconclusive',
      reason: { kind: 'straddles_margin' },
      metrics: [
        metric({
          relativeChange: 0.011,
          interval: [-0.012, 0.034],
          verdict: 'inconclusive',
          reason: { kind: 'straddles_margin' }
        })
      ],
      needed: { rounds: 12, measuringMs: 39_400 }
    })
    const about = { of: undecided, comparison: undecided.metrics[0] ?? metric({}) }

    const text = renderComparison({ verdict: 'inconclusive', cases: [undecided] })

    expect(text).toContain(`  - ${toPlainText(describeMetric(about))}\n`)
    expect(text).toContain('  - vad/cpu/single: about 12 more rounds, 40 s of measuring, should settle it.\n')
  })

  it('does not let a case id write to the terminal', () => {
    const text = renderComparison({
      verdict: 'regression',
      cases: [comparisonOf({ id: 'a\u001b[31m\nUnchanged: fake' })]
    })

    expect(text).not.toContain('\u001b')
    expect(text).toContain('a\\u{1b}[31m\\u{a}Unchanged: fake: regression')
  })

  it('names cases that got better beside an unchanged or mixed verdict', () => {
    const slow = comparisonOf({ id: 'slow' })
    const fast = comparisonOf({ id: 'fast', verdict: 'improvement' })
    const same = comparisonOf({ id: 'same', verdict: 'unchanged' })
    const first = (text: string) => text.split('\n')[0]

    expect(first(renderComparison({ verdict: 'mixed', cases: [slow, fast] }))).toBe(
      'Mixed: 1 of 2 cases (slow) got slower, 1 of 2 cases (fast) got faster.'
    )
    expect(first(renderComparison({ verdict: 'unchanged', cases: [same, fast] }))).toBe(
      'Unchanged: nothing got slower; 1 of 2 cases (fast) got faster.'
    )
    expect(first(renderComparison({ verdict: 'inconclusive', cases: [] }))).toBe(
      'Inconclusive: there is no case to judge.'
    )
  })
})
