import type { RichText } from './rich-text.ts'

/** Longest piece of foreign text inside a line, in code points; at most 4 bytes each, plus the fence. */
export const INLINE_MAX_CHARS = 120
/** Longest foreign message in a block of its own. */
export const BLOCK_MAX_CHARS = 2000
const BLOCK_MAX_LINES = 40
/** Code units kept at each end before cleaning, per code point that may be shown. */
const PRECUT_FACTOR = 4
/** What stands in for a character that is not printed. */
const REPLACEMENT = '\uFFFD'

const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/gu
const SPACES = /[\t\p{Zs}]+/gu
/** Controls, bidirectional and zero-width marks, tag characters, private use, lone surrogates: they hide or reorder text. */
const UNPRINTABLE = /(?:[\p{Cc}\p{Cf}\p{Cs}\p{Co}]|\p{Default_Ignorable_Code_Point})+/gu
/** More than three marks on one letter paint over the lines around it. */
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu

/**
 * Text on one line, with nothing in it that moves, hides or reorders other text, at most `maxChars` code points. A cut
 * is made in the middle, because paths and error messages tell most at both ends. The same for Markdown and terminals.
 */
export function cleanLine(text: string, maxChars: number = INLINE_MAX_CHARS): string {
  return shortenText(printable(precut(text, maxChars).replace(LINE_BREAK, ' ')).trim(), maxChars)
}

/** Like {@link cleanLine} with line breaks kept: at most {@link BLOCK_MAX_CHARS} code points in 40 lines. */
export function cleanBlock(text: string): string {
  const lines = precut(text, BLOCK_MAX_CHARS).replace(LINE_BREAK, '\n').split('\n').map(printable)
  const kept = lines.slice(0, BLOCK_MAX_LINES)
  if (lines.length > kept.length) kept.push(`… ${lines.length - kept.length} more lines`)
  return shortenText(
    kept
      .join('\n')
      .replace(/\n{3,}/gu, '\n\n')
      .trim(),
    BLOCK_MAX_CHARS
  )
}

/** Megabytes are not worth cleaning when a line is to be shown: both ends are enough. */
function precut(text: string, maxChars: number): string {
  const end = maxChars * PRECUT_FACTOR
  return text.length <= 2 * end ? text : `${text.slice(0, end)}…${text.slice(-end)}`
}

function printable(line: string): string {
  return line.replace(SPACES, ' ').replace(UNPRINTABLE, REPLACEMENT).replace(STACKED_MARKS, '$1')
}

/** At most `maxChars` code points; the middle makes way for `…`. */
export function shortenText(text: string, maxChars: number): string {
  const chars = [...text]
  if (chars.length <= maxChars) return text
  const tail = Math.floor((maxChars - 1) / 3)
  const head = maxChars - 1 - tail
  return `${chars.slice(0, head).join('')}…${tail === 0 ? '' : chars.slice(-tail).join('')}`
}

/** A report's text as one plain line, for titles, annotations and terminals. */
export function toPlainText(text: RichText): string {
  return text.map((part) => (typeof part === 'string' ? part : cleanLine(part.code))).join('')
}
