import type { MetricComparison } from '#stats/verdict.ts'
import { formatChange, formatInterval, formatLimit, formatPercent } from './format-quantity.ts'
import { METRIC_NAMES, type MetricOfCase, worsening, worseningInterval } from './metric-rows.ts'
import { code, prose, type RichText } from './rich-text.ts'

/** `p50 of vad/default/single_stream is 62 % slower (61 % to 63 %)`. */
export function describeChange({ of, comparison }: MetricOfCase): RichText {
  const subject = prose`${METRIC_NAMES[comparison.metric]} of ${code(of.id)}`
  const { relativeChange } = comparison
  if (relativeChange === null) return prose`${subject} changed`
  const direction = directionOf(comparison, relativeChange)
  return prose`${subject} ${direction}${formatRange(comparison, relativeChange)}`
}

function directionOf({ metric }: MetricComparison, change: number): string {
  const size = formatPercent(change)
  if (metric === 'throughput') return `is ${size} ${change < 0 ? 'lower' : 'higher'}`
  if (metric !== 'slow_share') return `is ${size} ${change > 0 ? 'slower' : 'faster'}`
  return `are ${change > 0 ? 'up' : 'down'} by ${size.replace(' %', '')} percentage points`
}

/** The interval without signs where both ends point the way that the sentence says; else as signed changes. */
function formatRange(comparison: MetricComparison, change: number): string {
  const interval = worseningInterval(comparison)
  if (interval === null) return ''
  const sign = Math.sign(worsening(change, comparison.metric))
  const [near, far] = sign < 0 ? [-interval[1], -interval[0]] : interval
  const unsigned = near > 0 && comparison.unit !== 'share'
  if (unsigned) return ` (${formatPercent(near)} to ${formatPercent(far)})`
  return comparison.interval === null ? '' : ` (${formatInterval(comparison.interval, comparison.unit)})`
}

/** `p50 of vad/default/single_stream, +0.4 % (−0.2 % to +1.0 %)`: for changes that are no more than noise or small. */
export function describeEstimate({ of, comparison }: MetricOfCase): RichText {
  const { relativeChange, interval, metric, unit } = comparison
  const subject = prose`${METRIC_NAMES[metric]} of ${code(of.id)}`
  if (relativeChange === null || interval === null) return subject
  return prose`${subject}, ${formatChange(relativeChange, unit)} (${formatInterval(interval, unit)})`
}

/** `p50 of vad/default/single_stream may have changed by anything from −0.2 % to +3.9 %`. */
export function describeRange({ of, comparison }: MetricOfCase): RichText {
  const { interval, metric, unit } = comparison
  const subject = prose`${METRIC_NAMES[metric]} of ${code(of.id)}`
  if (interval === null) return prose`${subject} could not be estimated`
  return prose`${subject} may have changed by anything from ${formatInterval(interval, unit)}`
}

/** `your limit is 2 %`. */
export function describeLimit({ comparison }: MetricOfCase): RichText {
  return [`your limit is ${formatLimit(comparison)}`]
}
