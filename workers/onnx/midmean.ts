/**
 * Mean of the middle half. A kernel of 3 us is told in whole microseconds, so a median is too coarse; one preemption of
 * 4 ms would spoil a mean. Zero for no values.
 */
export function midmean(values: readonly number[]): number {
  const cut = Math.floor(values.length / 4)
  const middle = [...values].sort((one, other) => one - other).slice(cut, values.length - cut)
  return middle.length === 0 ? 0 : middle.reduce((sum, value) => sum + value, 0) / middle.length
}
