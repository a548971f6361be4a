/** Longer words are never typos of ours, and comparing them would cost for nothing. */
const MAX_WORD_LENGTH = 80

/**
 * The candidate that `word` was most likely meant to be, for "did you mean". At most a third of the longer word, and at
 * least one character, may differ, but never a whole word; null when nothing is that close. Case does not count.
 */
export function closestWord(word: string, candidates: readonly string[]): string | null {
  if (word.length > MAX_WORD_LENGTH) return null
  let closest: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3))
    if (distance <= allowed && distance < Math.min(word.length, candidate.length) && distance < least) {
      closest = candidate
      least = distance
    }
  }
  return closest
}

/**
 * Fewest insertions, deletions, substitutions and swaps of neighbours that turn `left` into `right`, no letter edited
 * twice: the optimal string alignment distance, [Boytsov 2011] "Indexing methods for approximate dictionary searching" §2.
 */
function editDistance(left: string, right: string): number {
  const rows = [Array.from({ length: right.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    rows.push(current)
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1]
      const isSwap = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      current.push(
        Math.min(
          at(row - 1, column - 1) + (isSame ? 0 : 1),
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          isSwap ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY
        )
      )
    }
  }
  return at(left.length, right.length)
}
