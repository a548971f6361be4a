import { cleanBlock, cleanLine } from './clean-text.ts'
import type { Code, RichText } from './rich-text.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

/**
 * A code span that stays one whatever the text holds. In code GitHub makes no mention, reference, link, emoji or HTML;
 * the fence is longer than any run of backticks inside.
 */
export function inlineCode(text: string): string {
  const body = cleanLine(text)
  if (body === '') return '(empty)'
  const fence = '`'.repeat(longestBacktickRun(body) + 1)
  const padding = body.startsWith('`') || body.endsWith('`') ? ' ' : ''
  return `${fence}${padding}${body}${padding}${fence}`
}

/**
 * A code span inside a table cell. Pipes end a cell even in code, so they are escaped; backslashes right before one are
 * doubled, because GitHub's parser and micromark disagree on what `\\|` means.
 */
export function inlineCodeInTable(text: string): string {
  return inlineCode(text).replace(/(\\*)\|/gu, '$1$1\\|')
}

/** A fenced block around foreign text of several lines. Must start at the beginning of a line. */
export function fencedBlock(text: string): string {
  const body = cleanBlock(text)
  const fence = '`'.repeat(Math.max(3, longestBacktickRun(body) + 1))
  return `${fence}text\n${body}\n${fence}`
}

function longestBacktickRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/gu) ?? []).map((run) => run.length))
}

/** A sentence that somebody else wrote, as inert Markdown on one line; at most 400 characters of it. */
export function escapeMarkdown(sentence: string): string {
  return toMarkdown(proseFromUntrusted(sentence))
}

/** A report's text as Markdown. */
export function toMarkdown(text: RichText): string {
  return text.map((part) => (typeof part === 'string' ? keepUnits(part) : linked(part, inlineCode(part.code)))).join('')
}

/** The same for a table cell. */
export function toTableCell(text: RichText): string {
  return text
    .map((part) => (typeof part === 'string' ? keepUnits(part) : linked(part, inlineCodeInTable(part.code))))
    .join('')
}

function linked(part: Code, span: string): string {
  return part.href === undefined ? span : `[${span}](${part.href})`
}

export const NO_BREAK_SPACE = '\u00A0'

/** Keeps a number and its unit on one line. */
export function keepUnits(text: string): string {
  return text.replace(/(?<=\d) (?=%|pp|[mµn]?s\b)/gu, NO_BREAK_SPACE)
}
