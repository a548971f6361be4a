import { METRIC_FACTS, type Metric } from '#contracts/metric.ts'

/** From the scale of the test, where more than zero is worse, to the reader's: a faster candidate has more throughput. */
export function asChange(metric: Metric, slowdown: number): number {
  const { better, change } = METRIC_FACTS[metric]
  const upwards = better === 'higher' ? -slowdown : slowdown
  return change === 'difference' ? upwards + 0 : expm1(upwards)
}

/** Stays finite for rounds that differ beyond the number range: JSON has no infinity. Never minus zero. */
function expm1(value: number): number {
  return Math.min(Math.expm1(value), Number.MAX_VALUE) + 0
}
