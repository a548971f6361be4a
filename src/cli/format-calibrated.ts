import type { MetricCalibration } from '#contracts/calibration.ts'
import { METRIC_FACTS } from '#contracts/metric.ts'

/** `1.60 %`, or `0.72 pp` for a share. */
export function formatSize(metric: MetricCalibration['metric'], size: number): string {
  const { change, unit } = METRIC_FACTS[metric]
  if (change === 'ratio') return `${(100 * size).toFixed(2)} %`
  return unit === 'share' ? `${(100 * size).toFixed(2)} pp` : `${size.toPrecision(3)} ${unit}`
}

/** More than zero: the candidate seemed slower, in throughput as well. A ratio, or a difference of shares. */
export function biasAsChange({ metric, bias }: Pick<MetricCalibration, 'metric' | 'bias'>): number {
  return METRIC_FACTS[metric].change === 'difference' ? bias : Math.expm1(bias)
}
