/** 97.5 % point of the standard normal distribution. */
const Z = 1.959963984540054

export interface Proportion {
  readonly share: number
  readonly low: number
  readonly high: number
}

/**
 * A share of draws with its 95 % score interval [Wilson1927].
 *
 * @param share 0 to 1
 * @param trials how many independent draws it stands on; may be fewer than were made when draws repeat
 */
export function wilsonInterval(share: number, trials: number): Proportion {
  const spread = (Z * Z) / trials
  const center = (share + spread / 2) / (1 + spread)
  const halfWidth = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / trials + spread / trials / 4)
  return {
    share,
    low: share === 0 ? 0 : Math.max(0, center - halfWidth),
    high: share === 1 ? 1 : Math.min(1, center + halfWidth)
  }
}
