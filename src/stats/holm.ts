/**
 * Holm's step-down procedure [Holm1979]: which of the tests are significant when the chance of a single false one among
 * them is to stay at `alpha`.
 *
 * @returns one answer per p-value, in the same order
 */
export function rejectByHolm(pValues: readonly number[], alpha: number): boolean[] {
  const rejected = pValues.map(() => false)
  const ascending = pValues.map((pValue, index) => ({ pValue, index })).sort((a, b) => a.pValue - b.pValue)
  for (const [rank, { pValue, index }] of ascending.entries()) {
    if (!(pValue <= alpha / (pValues.length - rank))) break
    rejected[index] = true
  }
  return rejected
}
