import type { MetricComparison, RunComparison } from '#stats/verdict.ts'

/** What `--json` of `judge` and `compare` writes. Stable: scripts read it. */
export interface ComparisonSummary {
  readonly verdict: RunComparison['verdict']
  readonly cases: readonly {
    readonly id: string
    readonly verdict: RunComparison['cases'][number]['verdict']
    readonly metrics: readonly Pick<
      MetricComparison,
      'metric' | 'unit' | 'baseline' | 'candidate' | 'relativeChange' | 'interval' | 'verdict'
    >[]
  }[]
}

/** The stable part of a comparison. */
export function summariseComparison(comparison: RunComparison): ComparisonSummary {
  return {
    verdict: comparison.verdict,
    cases: comparison.cases.map(({ id, verdict, metrics }) => ({
      id,
      verdict,
      metrics: metrics.map((row) => ({
        metric: row.metric,
        unit: row.unit,
        baseline: row.baseline,
        candidate: row.candidate,
        relativeChange: row.relativeChange,
        interval: row.interval,
        verdict: row.verdict
      }))
    }))
  }
}
