/** `Unexpected token` comes with no more of the text than this on each side. */
const EXCERPT_CHARACTERS = 10

/** Places to try before giving up: an excerpt can also stand inside a string. */
const MAX_TRIES = 3

/** Shorter texts are quoted whole. */
const QUOTED_WHOLE_CHARACTERS = 50

/**
 * Where a text stops being JSON, as `line 3, column 14`, both from 1.
 *
 * Some messages of `JSON.parse` carry a position. Those that do not ("Unexpected token") quote what stands around it; that
 * is searched for, and tried by parsing what comes before.
 *
 * @param message of the error that `JSON.parse(text)` threw
 * @returns null when the position cannot be told
 */
export function locateJsonError(text: string, message: string): string | null {
  const known = /\(line (\d+) column (\d+)\)/.exec(message)
  if (known !== null) return `line ${known[1]}, column ${known[2]}`
  if (message === 'Unexpected end of JSON input') return describePosition(text, text.length)
  const excerpt = /^Unexpected token '.+?', \.\.\."(.+)"(?:\.\.\.)? is not valid JSON$/su.exec(message)?.[1]
  const offset = excerpt === undefined ? findBreak(text) : findExcerpt(text, excerpt)
  return offset === null ? null : describePosition(text, offset)
}

/** `line 3, column 14` of an offset, both from 1. */
export function describePosition(text: string, offset: number): string {
  let line = 1
  let start = 0
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
    line += 1
    start = end + 1
  }
  return `line ${line}, column ${offset - start + 1}`
}

/** Without dots before the excerpt the place is near the start: the shortest prefix that is broken ends with it. */
function findBreak(text: string): number | null {
  const length = Math.min(text.length, QUOTED_WHOLE_CHARACTERS)
  for (let end = 1; end <= length; end += 1) if (isBroken(text.slice(0, end))) return end - 1
  return null
}

function findExcerpt(text: string, excerpt: string): number | null {
  let start = text.indexOf(excerpt)
  for (let tries = 0; start !== -1 && tries < MAX_TRIES; tries += 1) {
    const offset = start + EXCERPT_CHARACTERS
    if (isBroken(text.slice(0, offset + 1)) && !isBroken(text.slice(0, offset))) return offset
    start = text.indexOf(excerpt, start + 1)
  }
  return null
}

/** A prefix that merely ends too early can still become valid; one with a wrong token cannot. */
function isBroken(prefix: string): boolean {
  try {
    JSON.parse(prefix)
    return false
  } catch (error) {
    return error instanceof SyntaxError && error.message.startsWith('Unexpected token')
  }
}
