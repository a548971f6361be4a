import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf'

export interface ShareBounds {
  readonly lower: number
  readonly upper: number
}

/** Halvings of [0, 1] until two neighbouring numbers are left. */
const HALVINGS = 1100
/** Beyond this the distribution function loses its digits; scaling the counts down only widens the bounds. */
const MAX_EXACT_TRIALS = 1e8

/**
 * Exact bounds of a share, by Clopper and Pearson (1934): each end is wrong with probability (1 − confidence) / 2 at most,
 * whatever the true share. For a bound on one side with error α ask for confidence 1 − 2α.
 *
 * @param events how often it happened; a whole number, 0 to `trials`
 * @throws RangeError when the counts or the confidence cannot be
 */
export function clopperPearson(events: number, trials: number, confidence: number): ShareBounds {
  checkCounts(events, trials, confidence)
  if (trials === 0) return { lower: 0, upper: 1 }
  const tail = (1 - confidence) / 2
  const scale = Math.min(1, MAX_EXACT_TRIALS / trials)
  const n = Math.round(trials * scale)
  // Rounded outwards, so that scaling never narrows.
  const few = Math.floor(events * scale)
  const many = Math.min(n, Math.ceil(events * scale))
  return { lower: few === 0 ? 0 : 1 - upperBound(n - few, n, tail), upper: upperBound(many, n, tail) }
}

/** The share at which so few events or fewer have the probability `tail`: by bisection, since that only falls. */
function upperBound(events: number, trials: number, tail: number): number {
  if (events === trials) return 1
  let low = 0
  let high = 1
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (binomialCdf(events, trials, middle) > tail) low = middle
    else high = middle
  }
  return high
}

/**
 * One-sided p-value of McNemar's exact test: how probable at least so many items are that only the baseline got right, if
 * either side were as likely to be the one that errs.
 */
export function mcnemarPValue(onlyBaselineRight: number, onlyCandidateRight: number): number {
  const discordant = onlyBaselineRight + onlyCandidateRight
  if (discordant === 0) return 1
  return Math.max(0, Math.min(binomialCdf(onlyCandidateRight, discordant, 0.5), 1))
}

function checkCounts(events: number, trials: number, confidence: number): void {
  const areCounts = Number.isInteger(events) && Number.isInteger(trials) && events >= 0 && events <= trials
  if (!areCounts) throw new RangeError(`${events} of ${trials} is no count of events.`)
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`A confidence of ${confidence} is not between 0 and 1.`)
}
