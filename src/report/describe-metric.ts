import { decidingMetricsOf, METRIC_FACTS } from '#contracts/metric.ts'
import type { InconclusiveReason, MetricComparison } from '#stats/verdict.ts'
import { explainReason } from './explain-reason.ts'
import { describeSize, formatLimit } from './format-change.ts'
import { type MetricOfCase, rowVerdict, worsening } from './metric-rows.ts'
import { describeNeededTime } from './needed-measuring.ts'
import { code, prose, type RichText } from './rich-text.ts'

/** The one sentence that every verdict on a metric is told in, in reports and terminals alike. */

type Words = readonly [more: string, less: string]
const OF_LATENCY: Words = ['slower', 'faster']
const OF_AMOUNT: Words = ['higher', 'lower']

/** `p50`, to stand where the case is known. */
function nameMetric({ comparison }: MetricOfCase): RichText {
  return [METRIC_FACTS[comparison.metric].subject]
}

/** `p50 of vad/default/single_stream`. */
export function nameMetricOfCase(metric: MetricOfCase): RichText {
  return prose`${nameMetric(metric)} of ${code(metric.of.id)}`
}

/**
 * `p95 is 6.1 % slower (5.2 % to 7.0 %); your limit is 5 %; a change of 1.4 % would have been seen.`
 *
 * @param subject what the sentence is about, if more than the metric's name
 */
export function describeMetric(metric: MetricOfCase, subject: RichText = nameMetric(metric)): RichText {
  const { comparison } = metric
  const range = describeRange(comparison)
  const verdict = rowVerdict(metric)
  if (verdict === 'not_assessed') return prose`${subject} is not assessed: ${explainReason(comparison.reason)}.`
  if (range === null) return describeBare(comparison, subject)
  switch (verdict) {
    case 'regression':
    case 'improvement':
      return sentence(prose`${subject} is ${describeEstimate(comparison)}`, describeLimit(comparison), seen(comparison))
    case 'unchanged':
      return describeUnchanged(comparison, subject, range)
    case 'bounded':
      return sentence(
        prose`${subject}: no regression found, ${describeBound(comparison)}`,
        describeLimit(comparison),
        seen(comparison)
      )
    case 'inconclusive':
      return sentence(
        prose`${subject} may be anything from ${range}`,
        describeLimit(comparison),
        seen(comparison),
        describeOpenEnd(metric)
      )
    default:
      return verdict satisfies never
  }
}

/** Without an interval there is at best a reason. */
function describeBare({ verdict, reason }: MetricComparison, subject: RichText): RichText {
  if (verdict === 'inconclusive') return prose`${subject} is not settled: ${explainReason(reason)}.`
  return prose`${subject}: ${verdict}, by how much is not known.`
}

function sentence(...clauses: readonly (RichText | string | null)[]): RichText {
  const parts: RichText[] = []
  for (const clause of clauses) {
    if (clause === null) continue
    parts.push(parts.length === 0 ? prose`${clause}` : prose`; ${clause}`)
  }
  return [...parts.flat(), '.']
}

/** `p50 of asr/default/offline is 21 % faster (20 % to 22 %)`: a called change where another one is the news. */
export function describeCalledChange(metric: MetricOfCase): RichText {
  return prose`${nameMetricOfCase(metric)} is ${describeEstimate(metric.comparison)}`
}

function describeUnchanged(comparison: MetricComparison, subject: RichText, range: string): RichText {
  if (!comparison.significant) {
    return sentence(prose`${subject} is unchanged: ${range}`, describeLimit(comparison), seen(comparison))
  }
  const real = `${describeEstimate(comparison)}: real, but below your limit of ${formatLimit(comparison)}`
  return sentence(prose`${subject} is ${real}`, seen(comparison))
}

/** `6.1 % slower (5.2 % to 7.0 %)`. */
function describeEstimate(comparison: MetricComparison): string {
  const change = comparison.relativeChange ?? 0
  const [more, less] = wordsOf(comparison)
  const size = `${describeSize(change, 'nearest', comparison)} ${change < 0 ? less : more}`
  const [low, high] = comparison.interval ?? [change, change]
  const within = low >= 0 || high <= 0 ? joinEnds(comparison, [low, high], '') : describeRange(comparison)
  return within === null ? size : `${size} (${within})`
}

/** `5.2 % to 7.0 % slower`, `1.2 % faster to 3.4 % slower`; null without an interval. Rounded outwards. */
function describeRange(comparison: MetricComparison): string | null {
  const { interval, relativeChange } = comparison
  if (interval === null || relativeChange === null || [...interval, relativeChange].some(Number.isNaN)) return null
  const [low, high] = interval
  const [more, less] = wordsOf(comparison)
  if (low === 0 && high === 0) return 'no difference at all'
  if (low >= 0) return joinEnds(comparison, interval, ` ${more}`)
  if (high <= 0) return joinEnds(comparison, interval, ` ${less}`)
  return `${describeSize(low, 'up', comparison)} ${less} to ${describeSize(high, 'up', comparison)} ${more}`
}

/** Units that are words, and said once. */
const SPELT_OUT: readonly string[] = [' percentage points', ' times', ' per 1,000 requests']

/** Both ends on the same side of zero, the nearer one first. */
function joinEnds(comparison: MetricComparison, [low, high]: readonly [number, number], direction: string): string {
  const [near, far] = low >= 0 ? [low, high] : [high, low]
  const ends = [describeSize(near, 'down', comparison), describeSize(far, 'up', comparison)] as const
  if (ends[0] === ends[1]) return `${ends[1]}${direction}`
  const unit = SPELT_OUT.find((word) => ends.every((end) => end.endsWith(word))) ?? ''
  return `${ends[0].slice(0, ends[0].length - unit.length)} to ${ends[1]}${direction}`
}

/** `at most 14 % slower`: the end of the interval that hurts. */
function describeBound(comparison: MetricComparison): string {
  const [low, high] = comparison.interval ?? [0, 0]
  const worst = METRIC_FACTS[comparison.metric].better === 'higher' ? low : high
  const [more, less] = wordsOf(comparison)
  const isBetter = worsening(worst, comparison.metric) < 0
  const size = describeSize(worst, isBetter ? 'down' : 'up', comparison)
  return `${isBetter ? 'at least' : 'at most'} ${size} ${worst < 0 ? less : more}`
}

function wordsOf({ unit }: MetricComparison): Words {
  return unit === 'ns' ? OF_LATENCY : OF_AMOUNT
}

/**
 * `your limit is 5 %`. Judged on the log scale, it is a smaller number downwards (−4.8 %); that is said where a change in
 * between was called, because it would seem not to have reached the limit.
 */
function describeLimit(comparison: MetricComparison): string {
  const { threshold, metric, verdict, relativeChange } = comparison
  const limit = `your limit is ${formatLimit(comparison)}`
  const downwards = 1 / (1 + threshold) - 1
  const change = relativeChange ?? 0
  const isCalled = verdict === 'regression' || verdict === 'improvement'
  if (!isCalled || METRIC_FACTS[metric].change === 'difference' || change > downwards || change <= -threshold)
    return limit
  const size = describeSize(downwards, 'nearest', comparison)
  const isSame = describeSize(change, 'nearest', comparison) === describeSize(threshold, 'nearest', comparison)
  return isSame ? limit : `${limit} (downwards ${size})`
}

/** Rounded up: a promise of what would have been seen. */
function seen(comparison: MetricComparison): string | null {
  const change = comparison.smallestDetectableChange
  if (change === null || Number.isNaN(change)) return null
  if (change === 0) return 'any change would have been seen'
  return `a change of ${describeSize(change, 'up', { unit: comparison.unit, threshold: null })} would have been seen`
}

/** What is missing: time, where more rounds would do for what holds up a pass; else the reason. */
function describeOpenEnd({ of, comparison }: MetricOfCase): RichText | string | null {
  const reason: InconclusiveReason | null = comparison.reason ?? of.reason
  // Why it failed is said once for the machine, not for each of its verdicts.
  if (reason?.kind === 'untrusted_worker') return 'this machine failed its calibration'
  if (reason?.kind !== 'straddles_margin') return explainReason(reason)
  const isDeciding = of.verdict === 'inconclusive' && decidingMetricsOf(of.scenario).includes(comparison.metric)
  return isDeciding ? describeNeededTime(of) : null
}
