/** Terms of the series; they fall off as exp(−2 k² x²). */
const MAX_TERMS = 100

/**
 * Two-sample Kolmogorov-Smirnov test by the limiting distribution with Stephens' correction for small samples
 * [Stephens1970], as Pinpoint computes it.
 *
 * @param first ascending
 * @param second ascending
 * @returns the p-value
 */
export function testDistributions(first: readonly number[], second: readonly number[]): number {
  let largest = 0
  let i = 0
  let j = 0
  while (i < first.length && j < second.length) {
    const value = Math.min(first[i] ?? Number.POSITIVE_INFINITY, second[j] ?? Number.POSITIVE_INFINITY)
    while (first[i] === value) i += 1
    while (second[j] === value) j += 1
    largest = Math.max(largest, Math.abs(i / first.length - j / second.length))
  }
  const size = Math.sqrt((first.length * second.length) / (first.length + second.length))
  return kolmogorovTail((size + 0.12 + 0.11 / size) * largest)
}

/** P(K > x) of the Kolmogorov distribution: 2 Σ (−1)^(k−1) exp(−2 k² x²). */
function kolmogorovTail(x: number): number {
  // The series does not converge at zero; below 0.2 the tail is 1 to more than 12 digits.
  if (x < 0.2) return 1
  let sum = 0
  for (let k = 1; k <= MAX_TERMS; k += 1) {
    const term = Math.exp(-2 * (k * x) ** 2)
    sum += k % 2 === 1 ? term : -term
    if (term < 1e-16 * sum) break
  }
  return Math.min(1, Math.max(0, 2 * sum))
}
