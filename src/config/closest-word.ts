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

/** Levenshtein distance (insertions, deletions, substitutions), one row at a time: [Wagner & Fischer 1974]. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1)
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[right.length] ?? 0
}
