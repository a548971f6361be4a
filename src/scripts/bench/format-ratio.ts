import type { MedianInterval } from './median-interval.ts'

/** `1.004 [0.998, 1.011]`: the median and its interval. */
export function formatRatio({ median, low, high }: MedianInterval): string {
  return `${median.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`
}

export interface Aim {
  readonly kind: 'at most' | 'at least'
  readonly value: number
}

/**
 * The aim and whether the figure reaches it. Only an interval on one side of the aim decides; otherwise this run cannot
 * tell, and says so.
 */
export function compareWithAim(aim: Aim, { low, high }: MedianInterval): string {
  const sign = aim.kind === 'at most' ? '≤' : '≥'
  const [best, worst] =
    aim.kind === 'at most' ? [low - aim.value, high - aim.value] : [aim.value - high, aim.value - low]
  const outcome = worst <= 0 ? 'reached' : best > 0 ? 'missed' : 'open'
  return `${sign} ${aim.value}: ${outcome}`
}
