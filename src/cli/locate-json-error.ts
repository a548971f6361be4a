/** Above this many characters, searching for the position costs more than it helps: every step parses again. */
const MAX_SEARCHED_CHARACTERS = 64_000_000

/**
 * Where a text stops being JSON, as `line 3, column 14`, both from 1.
 *
 * Some messages of `JSON.parse` carry a position. For those that do not ("Unexpected token"), the shortest prefix that
 * fails for another reason than its end is searched by halving.
 *
 * @param message of the error that `JSON.parse(text)` threw
 * @returns null when the position cannot be told
 */
export function locateJsonError(text: string, message: string): string | null {
  const known = /\(line (\d+) column (\d+)\)/.exec(message)
  if (known !== null) return `line ${known[1]}, column ${known[2]}`
  if (message === 'Unexpected end of JSON input') return describePosition(text, text.length)
  if (text.length > MAX_SEARCHED_CHARACTERS) return null
  let valid = 0
  let broken = text.length
  while (broken - valid > 1) {
    const middle = Math.floor((valid + broken) / 2)
    if (isBroken(text.slice(0, middle))) broken = middle
    else valid = middle
  }
  return describePosition(text, broken - 1)
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

function describePosition(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n')
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`
}
