import type { Html, Paragraph, Root, RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { closestWord } from '#src/config/closest-word.ts'
import { isTooComplex } from './is-too-complex.ts'

/** What a comment asks for. */
export type Command =
  | { readonly kind: 'none' }
  /** `sha` is what was written, in lower case: 7 to 64 hexadecimal digits, not yet known to exist. Null: the head. */
  | { readonly kind: 'run'; readonly sha: string | null }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'help' }
  /** `word` is a stranger's text, at most 100 characters. */
  | { readonly kind: 'invalid'; readonly word: string; readonly suggestion: string | null }

/** GitHub's own limit for a comment, in characters. */
const MAX_BODY_LENGTH = 65_536

const MAX_WORD_LENGTH = 100

const SUBCOMMANDS: readonly string[] = ['cancel', 'help']

const COMMAND_LINE = /^ {0,3}\/benchmark(?!\S)/i

/**
 * Finds the command in a comment: the first line of a top-level paragraph that starts with `/benchmark`. Quotes, code,
 * lists, tables, headings and HTML are somebody else's words or not words at all. Never throws; a body that is longer or
 * more complex than people write holds no command.
 */
export function parseCommand(body: string): Command {
  // Most comments end here, before the parser is started.
  if (body.length > MAX_BODY_LENGTH || !/^ {0,3}\/benchmark/im.test(body)) return { kind: 'none' }
  if (isTooComplex(body)) return { kind: 'none' }
  const line = findCommandLine(body, parseBlocks(body))
  return line === null ? { kind: 'none' } : readCommandLine(line)
}

/**
 * Only blocks, and what can hide a line inside a paragraph (code, HTML), matter here. The other constructs are off: they
 * decide nothing, and a comment of nothing but `[` or `_a*` keeps them busy for a minute.
 */
const UNUSED_CONSTRUCTS = [
  ...['attention', 'autolink', 'definition', 'labelStartImage', 'labelStartLink', 'labelEnd'],
  ...['strikethrough', 'gfmFootnoteCall', 'gfmPotentialFootnoteCall'],
  ...['emailAutolink', 'protocolAutolink', 'wwwAutolink']
]

function parseBlocks(body: string): Root {
  const extensions = [gfm(), { disable: { null: UNUSED_CONSTRUCTS } }]
  return fromMarkdown(body, { extensions, mdastExtensions: [gfmFromMarkdown()] })
}

function findCommandLine(body: string, root: Root): string | null {
  let quoteDepth = 0
  for (const block of root.children) {
    if (block.type === 'html') quoteDepth = Math.max(0, quoteDepth + countOpened(block))
    if (block.type !== 'paragraph' || quoteDepth > 0) continue
    const line = findLineInParagraph(body, block)
    if (line !== null) return line
  }
  return null
}

/** Markdown inside these elements is quoted or folded away; it reads as a paragraph of its own. */
function countOpened({ value }: Html): number {
  const opened = value.match(/<(?:blockquote|details|pre)\b/gi)?.length ?? 0
  const closed = value.match(/<\/(?:blockquote|details|pre)\b/gi)?.length ?? 0
  return opened - closed
}

function findLineInParagraph(body: string, paragraph: Paragraph): string | null {
  const texts = paragraph.children.filter(({ type }) => type === 'text')
  const { start, end } = offsetsOf(paragraph)
  let offset = start
  for (const line of body.slice(start, end).split(/(?<=\r\n|\n|\r(?!\n))/)) {
    const commandOffset = offset + line.search(/\S|$/)
    offset += line.length
    if (COMMAND_LINE.test(line) && texts.some((text) => covers(text, commandOffset))) return line
  }
  return null
}

function covers(node: RootContent, offset: number): boolean {
  const { start, end } = offsetsOf(node)
  return start <= offset && offset < end
}

function offsetsOf(node: RootContent): { readonly start: number; readonly end: number } {
  return { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 }
}

function readCommandLine(line: string): Command {
  const [word, extra] = line.trim().split(/\s+/).slice(1)
  if (word === undefined) return { kind: 'run', sha: null }
  const command = readSubcommand(word.toLowerCase())
  if (command === null) return { kind: 'invalid', word: cutWord(word), suggestion: closestWord(word, SUBCOMMANDS) }
  // An approval must say exactly what it approves, so nothing may follow.
  return extra === undefined ? command : { kind: 'invalid', word: cutWord(extra), suggestion: null }
}

function readSubcommand(word: string): Command | null {
  if (word === 'cancel') return { kind: 'cancel' }
  if (word === 'help') return { kind: 'help' }
  return /^[0-9a-f]{7,64}$/.test(word) ? { kind: 'run', sha: word } : null
}

function cutWord(word: string): string {
  return word.slice(0, MAX_WORD_LENGTH)
}
