import type { MetricCalibration } from '#contracts/calibration.ts'

/** `1.60 %`, or `0.72 pp` for a share. */
export function formatSize(metric: MetricCalibration['metric'], size: number): string {
  return `${(100 * size).toFixed(2)} ${metric === 'slow_share' ? 'pp' : '%'}`
}

/** More than zero: the candidate seemed slower, in throughput as well. A ratio, or a difference of shares. */
export function biasAsChange({ metric, bias }: Pick<MetricCalibration, 'metric' | 'bias'>): number {
  return metric === 'slow_share' ? bias : Math.expm1(bias)
}
