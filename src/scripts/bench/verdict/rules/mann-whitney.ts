import normalCdf from '@stdlib/stats-base-dists-normal-cdf'

export interface RankTest {
  /** Two-sided. */
  readonly pValue: number
  /** How often a value of the second sample is the larger one: 0 to 1, more than 0.5 when the second is slower. */
  readonly superiority: number
  readonly hasTies: boolean
}

/**
 * Mann-Whitney U test [MannWhitney1947] by the normal approximation with corrections for ties and for continuity.
 *
 * @param first ascending
 * @param second ascending
 */
export function testRanks(first: Readonly<ArrayLike<number>>, second: Readonly<ArrayLike<number>>): RankTest {
  const { rankSum, tieSum } = rankSecond(first, second)
  const [n, m] = [first.length, second.length]
  const u = rankSum - (m * (m + 1)) / 2
  const total = n + m
  const variance = ((n * m) / 12) * (total + 1 - tieSum / (total * (total - 1)))
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5)
  const pValue = variance === 0 ? 1 : 2 * normalCdf(-distance / Math.sqrt(variance), 0, 1)
  return { pValue: Math.min(1, pValue), superiority: u / (n * m), hasTies: tieSum > 0 }
}

/** The same test with the exact distribution of U where no values are tied; with ties as {@link testRanks}. */
export function testRanksExactly(first: Readonly<ArrayLike<number>>, second: Readonly<ArrayLike<number>>): RankTest {
  const approximate = testRanks(first, second)
  if (approximate.hasTies) return approximate
  const [n, m] = [first.length, second.length]
  const u = Math.round(approximate.superiority * n * m)
  const counts = countRankings(n, m)
  const smaller = Math.min(u, n * m - u)
  let tail = 0
  let all = 0
  for (const [value, count] of counts.entries()) {
    all += count
    if (value <= smaller) tail += count
  }
  return { ...approximate, pValue: Math.min(1, (2 * tail) / all) }
}

/** Sum of the ranks of the second sample, ties at their mean rank, and the sum of t³ − t over groups of t tied values. */
function rankSecond(first: Readonly<ArrayLike<number>>, second: Readonly<ArrayLike<number>>) {
  let rankSum = 0
  let tieSum = 0
  let i = 0
  let j = 0
  while (i < first.length || j < second.length) {
    const value = Math.min(first[i] ?? Number.POSITIVE_INFINITY, second[j] ?? Number.POSITIVE_INFINITY)
    const before = i + j
    const fromSecond = j
    while (i < first.length && first[i] === value) i += 1
    while (j < second.length && second[j] === value) j += 1
    const tied = i + j - before
    rankSum += (j - fromSecond) * (before + (tied + 1) / 2)
    tieSum += tied ** 3 - tied
  }
  return { rankSum, tieSum }
}

const rankingCounts = new Map<string, readonly number[]>()

/**
 * How many orders of n and m values have U = 0, 1, …, n·m: the coefficients of the Gaussian binomial, built by taking in
 * one value of the first sample at a time.
 */
function countRankings(n: number, m: number): readonly number[] {
  const known = rankingCounts.get(`${n},${m}`)
  if (known !== undefined) return known
  const counts = new Array<number>(n * m + 1).fill(0)
  counts[0] = 1
  for (let k = 1; k <= n; k += 1) {
    for (let u = n * m; u >= m + k; u -= 1) counts[u] = (counts[u] ?? 0) - (counts[u - m - k] ?? 0)
    for (let u = k; u <= n * m; u += 1) counts[u] = (counts[u] ?? 0) + (counts[u - k] ?? 0)
  }
  rankingCounts.set(`${n},${m}`, counts)
  return counts
}
