import type { Html, Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { COMMENT_MARKER } from '#src/report/comment-marker.ts'

/** Node types that a report is made of. Links and HTML are looked at one by one. */
const EXPECTED_TYPES = new Set([
  'root',
  'heading',
  'paragraph',
  'text',
  'strong',
  'emphasis',
  'inlineCode',
  'code',
  'list',
  'listItem',
  'table',
  'tableRow',
  'tableCell'
])

const OUR_HTML = /^(?:<details><summary>[\w ,]+<\/summary>|<\/details>)$/
const OUR_LINK = /^https:\/\/github\.com\/acme\/voice[\w./~-]*\/commit\/[0-9a-f]{40,64}$/

/** What our own prose never holds: mentions, references, Markdown, HTML, addresses, invisible characters. */
const NOT_PROSE = /[@#`|<>[\]*_~\\$]|:\/\/|www\.|:[\w+-]+:|\b[0-9a-f]{7,64}\b|(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u

/** Parses Markdown as GitHub does: GFM. */
export function parseMarkdown(markdown: string): Nodes {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
}

export function* walk(node: Nodes): Generator<Nodes> {
  yield node
  if ('children' in node) for (const child of node.children) yield* walk(child)
}

/** Everything in a rendered report that is not ours, in words; empty when nothing got out. */
export function findEscaped(markdown: string): readonly string[] {
  const found: string[] = []
  const html: Html[] = []
  for (const node of walk(parseMarkdown(markdown))) {
    if (node.type === 'html') html.push(node)
    else if (node.type === 'link') {
      if (!OUR_LINK.test(node.url)) found.push(`link to ${node.url}`)
    } else if (!EXPECTED_TYPES.has(node.type)) found.push(node.type)
    if (node.type === 'text' && NOT_PROSE.test(node.value)) found.push(`text ${JSON.stringify(node.value)}`)
    if (node.type === 'table') {
      const widths = new Set(node.children.map((row) => row.children.length))
      if (widths.size > 1) found.push(`table rows with ${[...widths].join(' and ')} cells`)
    }
  }
  return [...found, ...findStrayHtml(html)]
}

/** The marker may stand first; apart from it there are folds, each closed before the next one opens. */
function findStrayHtml(html: readonly Html[]): readonly string[] {
  const found: string[] = []
  let open = false
  for (const [index, { value }] of html.entries()) {
    if (index === 0 && value === COMMENT_MARKER) continue
    if (!OUR_HTML.test(value)) found.push(`HTML ${value}`)
    if (value.startsWith('</') !== open) found.push(`fold out of order: ${value}`)
    open = !value.startsWith('</')
  }
  if (open) found.push('fold left open')
  return found
}
