import type { Metric } from '#contracts/metric.ts'

/** From the scale of the test, where more than zero is slower, to the reader's: a faster candidate has more throughput. */
export function asChange(metric: Metric, slowdown: number): number {
  switch (metric) {
    case 'slow_share':
      return slowdown
    case 'throughput':
      return expm1(-slowdown)
    default:
      return expm1(slowdown)
  }
}

/** Stays finite for rounds that differ beyond the number range: JSON has no infinity. Never minus zero. */
function expm1(value: number): number {
  return Math.min(Math.expm1(value), Number.MAX_VALUE) + 0
}
