/**
 * The M/D/1 queue in theory: Poisson arrivals, one server, constant service time D, first come, first served. Times are in
 * units of D, ρ is the arrival rate times D.
 */
export interface Md1Queue {
  /** Probability that a request is answered at most `time` after its arrival. */
  sojournCdf(time: number): number
  /** Time in which that part of the requests is answered. */
  sojournQuantile(probability: number): number
  /** Pollaczek and Khinchine. */
  readonly meanSojourn: number
}

/** Below this a probability no longer matters. */
const NEGLIGIBLE = 1e-14
const BISECTIONS = 60

/**
 * Distribution of the waiting time by Crommelin's formula in the form of Franx [Franx2001], a sum of positive terms: for
 * (k − 1)·D ≤ x < k·D, P(wait ≤ x) = Σ P(at most k − 1 − j wait) · Poisson(j; λ(kD − x)) over j = 0 … k − 1. Erlang's series
 * for the same alternates in sign and loses all digits under high load. How many are in the system comes from Ramaswami's
 * recursion [Ramaswami1988], which adds positive numbers only as well.
 *
 * @param utilisation ρ, between 0 and 1
 */
export function createMd1Queue(utilisation: number): Md1Queue {
  const inSystem = countInSystem(utilisation)
  // At most m wait when at most m + 1 are in the system.
  const atMostWaiting = accumulate(inSystem).slice(1)

  function waitCdf(time: number): number {
    if (time < 0) return 0
    const whole = Math.floor(time) + 1
    const mean = utilisation * (whole - time)
    let term = Math.exp(-mean)
    let total = 0
    for (let arrivals = 0; arrivals < whole; arrivals += 1) {
      total += term * (atMostWaiting[whole - 1 - arrivals] ?? 1)
      term *= mean / (arrivals + 1)
    }
    return Math.min(1, total)
  }
  const sojournCdf = (time: number) => waitCdf(time - 1)

  function sojournQuantile(probability: number): number {
    let low = 1
    let high = 2
    if (sojournCdf(low) >= probability) return low
    while (sojournCdf(high) < probability) high *= 2
    for (let step = 0; step < BISECTIONS; step += 1) {
      const middle = (low + high) / 2
      if (sojournCdf(middle) < probability) low = middle
      else high = middle
    }
    return high
  }

  return { sojournCdf, sojournQuantile, meanSojourn: 1 + utilisation / (2 * (1 - utilisation)) }
}

/** Probabilities that 0, 1, 2 … requests are in the system, until the rest is negligible. */
function countInSystem(utilisation: number): number[] {
  // At least k arrive during one service.
  const tails = poissonTails(utilisation)
  const tail = (count: number) => tails[count] ?? 0
  const probabilities = [1 - utilisation]
  let total = 1 - utilisation
  for (let count = 1; total < 1 - NEGLIGIBLE && count < 100_000; count += 1) {
    let sum = (probabilities[0] ?? 0) * tail(count)
    for (let fewer = Math.max(1, count + 1 - tails.length); fewer < count; fewer += 1) {
      sum += (probabilities[fewer] ?? 0) * tail(count + 1 - fewer)
    }
    const probability = sum / (1 - tail(1))
    if (probability < Number.MIN_VALUE) break
    probabilities.push(probability)
    total += probability
  }
  return probabilities
}

/** P(at least k), for k = 0, 1, 2 … */
function poissonTails(mean: number): number[] {
  const masses: number[] = []
  for (let mass = Math.exp(-mean), count = 0; mass > Number.MIN_VALUE * 1e10; count += 1, mass *= mean / count) {
    masses.push(mass)
  }
  // From the smallest on: subtracting from one would leave rounding errors.
  return accumulate(masses.toReversed()).toReversed()
}

function accumulate(values: readonly number[]): number[] {
  let total = 0
  return values.map((value) => {
    total += value
    return total
  })
}
