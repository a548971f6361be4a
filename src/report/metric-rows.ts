import { decidingMetricsOf, METRIC_FACTS, METRICS, type Metric } from '#contracts/metric.ts'
import type { CaseComparison, MetricComparison, Verdict } from '#stats/verdict.ts'
import { nameReason } from './explain-reason.ts'
import { formatChange, formatInterval } from './format-change.ts'
import { formatPair } from './format-quantity.ts'

/** What a row says. `bounded` is a tail metric that was not called in a case that passed: its upper bound is printed. */
export type RowVerdict = Verdict | 'bounded' | 'not_assessed'

/** One metric of one case, formatted. */
export interface ReportRow {
  readonly caseId: string
  readonly metric: string
  readonly baseline: string
  readonly candidate: string
  readonly change: string
  readonly interval: string
  readonly verdict: RowVerdict
  /** What stands in the verdict cell: the word, and for some the reason or the bound. */
  readonly verdictText: string
}

/** A metric with the case that it belongs to, before formatting. */
export interface MetricOfCase {
  readonly of: CaseComparison
  readonly comparison: MetricComparison
}

const RANK: Readonly<Record<RowVerdict, number>> = {
  regression: 0,
  inconclusive: 1,
  bounded: 2,
  unchanged: 2,
  improvement: 3,
  not_assessed: 4
}

/** Order of the rows of one case. */
export const METRIC_ORDER: readonly Metric[] = [...new Set<Metric>(['p50', 'p95', 'p99', 'throughput', ...METRICS])]

/**
 * Regressions first, then inconclusive, unchanged, improvements. Within each, the case that is most over its limit comes
 * first, with its rows together.
 */
export function sortWorstFirst(metrics: readonly MetricOfCase[]): readonly MetricOfCase[] {
  const ranked = metrics.map((metric) => ({ metric, rank: RANK[rowVerdict(metric)], id: metric.of.id }))
  const worst = new Map<string, number>()
  for (const { metric, rank, id } of ranked) {
    const key = `${rank} ${id}`
    worst.set(key, Math.max(worst.get(key) ?? Number.NEGATIVE_INFINITY, severityOf(metric.comparison)))
  }
  const severity = ({ rank, id }: { readonly rank: number; readonly id: string }) => worst.get(`${rank} ${id}`) ?? 0
  return ranked
    .sort((a, b) => a.rank - b.rank || compareNumbers(severity(b), severity(a)) || compareInCase(a.metric, b.metric))
    .map(({ metric }) => metric)
}

function compareInCase(a: MetricOfCase, b: MetricOfCase): number {
  if (a.of.id !== b.of.id) return a.of.id < b.of.id ? -1 : 1
  return METRIC_ORDER.indexOf(a.comparison.metric) - METRIC_ORDER.indexOf(b.comparison.metric)
}

/** Also for infinities, whose difference is no number. */
function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b
}

/** A later metric must be this much worse than an earlier one to be named in its place: people think in p50 first. */
const CLEARLY_WORSE = 0.25

/** The metric that names a verdict: of the case that is most over its limit, the worst, or p50 when that is nearly as bad. */
export function findWorst(metrics: readonly MetricOfCase[], verdict: RowVerdict): MetricOfCase | undefined {
  const [first, ...others] = sortWorstFirst(metrics.filter((candidate) => rowVerdict(candidate) === verdict))
  if (first === undefined) return undefined
  let worst = { metric: first, severity: severityOf(first.comparison) }
  for (const metric of others.filter(({ of }) => of.id === first.of.id)) {
    const severity = severityOf(metric.comparison)
    if (severity > worst.severity + CLEARLY_WORSE * Math.abs(worst.severity)) worst = { metric, severity }
  }
  return worst.metric
}

export function listMetrics(cases: readonly CaseComparison[]): readonly MetricOfCase[] {
  return cases.flatMap((of) => of.metrics.map((comparison) => ({ of, comparison })))
}

/** The verdict of a row. */
export function rowVerdict({ of, comparison }: MetricOfCase): RowVerdict {
  const passed = of.verdict === 'unchanged' || of.verdict === 'improvement'
  const isTail = !decidingMetricsOf(of.scenario).includes(comparison.metric)
  const bounded = comparison.verdict === 'inconclusive' && passed && isTail && comparison.interval !== null
  return bounded ? 'bounded' : comparison.verdict
}

/** Higher latency is worse, higher throughput is better: the change in the direction that hurts. */
export function worsening(change: number, metric: Metric): number {
  return METRIC_FACTS[metric].better === 'higher' ? -change : change
}

/** The interval in the direction that hurts, low end first. */
export function worseningInterval({ interval, metric }: MetricComparison): readonly [low: number, high: number] | null {
  if (interval === null) return null
  return METRIC_FACTS[metric].better === 'higher' ? [-interval[1], -interval[0]] : interval
}

/**
 * How bad a metric is or may be, in multiples of its limit, so that 3 % of p50 (limit 2 %) outweighs 6 % of p99 (limit
 * 10 %). A called change counts with its estimate, an uncalled one with the worst that its interval allows.
 */
function severityOf(comparison: MetricComparison): number {
  const { relativeChange, interval, metric, verdict } = comparison
  if (relativeChange === null) return Number.NEGATIVE_INFINITY
  if (verdict === 'regression') return overLimit(comparison, relativeChange)
  if (verdict === 'improvement') return -overLimit(comparison, relativeChange)
  const [low, high] = interval ?? [relativeChange, relativeChange]
  return overLimit(comparison, METRIC_FACTS[metric].better === 'higher' ? low : high)
}

/** Least ratio that has a logarithm worth sorting by: a change of −100 % sorts as −99.9999 %. */
const LEAST_CHANGE = -0.999_999

/** On the log scale, where −21 % of latency and +27 % of throughput are the same change. */
function overLimit({ metric, threshold }: MetricComparison, change: number): number {
  const size = METRIC_FACTS[metric].change === 'difference' ? change : Math.log1p(Math.max(change, LEAST_CHANGE))
  return worsening(size, metric) / threshold
}

/** Formats one row. */
export function formatRow(metric: MetricOfCase): ReportRow {
  const { of, comparison } = metric
  const verdict = rowVerdict(metric)
  return {
    caseId: of.id,
    metric: METRIC_FACTS[comparison.metric].label,
    ...formatPair(comparison),
    change: comparison.relativeChange === null ? '–' : formatChange(comparison.relativeChange, comparison),
    interval: comparison.interval === null ? '–' : formatInterval(comparison.interval, comparison),
    verdict,
    verdictText: describeVerdict(verdict, metric)
  }
}

function describeVerdict(verdict: RowVerdict, { of, comparison }: MetricOfCase): string {
  switch (verdict) {
    case 'regression':
    case 'improvement':
      return verdict
    case 'unchanged':
      return comparison.significant ? 'unchanged: real but below the limit' : 'unchanged'
    case 'bounded':
      return `no regression found, at most ${formatBound(comparison)}`
    case 'inconclusive':
      // An inconclusive case explains itself below the table.
      return of.verdict === verdict ? verdict : `${verdict}: ${nameReason(comparison.reason)}`
    case 'not_assessed':
      return `not assessed: ${nameReason(comparison.reason)}`
    default:
      return verdict satisfies never
  }
}

/** The end of the interval that hurts, as the change of the metric itself: `+14 %`. */
function formatBound(comparison: MetricComparison): string {
  if (comparison.interval === null) return '–'
  const [low, high] = formatInterval(comparison.interval, comparison).split(' to ')
  return (METRIC_FACTS[comparison.metric].better === 'higher' ? low : high) ?? '–'
}
