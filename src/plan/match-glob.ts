/**
 * Whether a repository path matches a glob: `**` as a whole segment stands for any number of folders (and, at the end, for
 * everything below), `*` for any characters of one name, `?` for one. Case counts; names that start with a dot are
 * nothing special.
 *
 * Regular expressions made from globs backtrack: `*a*a*a*b` kept picomatch busy for 20 s on a name of 1,000 letters, and
 * names in a pull request are a stranger's. Here a mismatch only ever returns to the latest wildcard, which is enough
 * and bounds the work by the product of the lengths.
 */
export function matchGlob(glob: string, path: string): boolean {
  const segments = glob.split('/')
  // `docs/**` means what is below docs, not docs itself.
  const pattern = segments.at(-1) === '**' ? [...segments, '*'] : segments
  return matchSequence(pattern, path.split('/'), (segment) => segment === '**', matchName)
}

function matchName(pattern: string, name: string): boolean {
  return matchSequence(
    [...pattern],
    [...name],
    (character) => character === '*',
    (expected, actual) => expected === '?' || expected === actual
  )
}

/** Wildcard matching with one point of return: the latest wildcard, which then takes one item more. */
function matchSequence(
  pattern: readonly string[],
  items: readonly string[],
  isWildcard: (part: string) => boolean,
  matches: (part: string, item: string) => boolean
): boolean {
  let partIndex = 0
  let itemIndex = 0
  let retry: { partIndex: number; itemIndex: number } | null = null
  while (itemIndex < items.length) {
    const part = pattern[partIndex]
    if (part !== undefined && isWildcard(part)) {
      partIndex += 1
      retry = { partIndex, itemIndex }
    } else if (part !== undefined && matches(part, items[itemIndex] ?? '')) {
      partIndex += 1
      itemIndex += 1
    } else if (retry === null) {
      return false
    } else {
      retry = { partIndex: retry.partIndex, itemIndex: retry.itemIndex + 1 }
      partIndex = retry.partIndex
      itemIndex = retry.itemIndex
    }
  }
  return pattern.slice(partIndex).every(isWildcard)
}
