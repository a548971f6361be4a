import { MS_PER_S } from '#contracts/units.ts'
import type { Call } from './rule.ts'
import type { Tally } from './tally.ts'
import { type Proportion, wilsonInterval } from './wilson-interval.ts'

/** Wrongly called a change. */
export function flagged(tally: Tally): Proportion {
  return wilsonInterval((tally.calls.regression + tally.calls.improvement) / tally.draws, tally.distinctDraws)
}

export function shareOf(tally: Tally, call: Call): Proportion {
  return wilsonInterval(tally.calls[call] / tally.draws, tally.distinctDraws)
}

/** `0.4 % [0.2, 0.8]`. */
export function formatProportion({ share, low, high }: Proportion): string {
  return `${formatShare(share)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`
}

/** 0 % and 100 % are exact: shares that only round to them are told apart. */
export function formatShare(share: number): string {
  if (share === 0 || share === 1) return `${100 * share} %`
  if (share < 0.0005) return '< 0.1 %'
  if (share >= 0.9995) return '> 99.9 %'
  return `${(100 * share).toFixed(1)} %`
}

/** Mean measuring time. */
export function formatSeconds({ meanMeasuringMs }: Tally): string {
  return `${(meanMeasuringMs / MS_PER_S).toFixed(1)} s`
}
