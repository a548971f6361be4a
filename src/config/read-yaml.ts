import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import type { ConfigProblem } from '#src/report/outcome.ts'

/**
 * A hundred models with every option spelled out stay below. The parser takes a second for this much of nothing but
 * brackets, and six for 256 kB.
 */
export const MAX_CONFIG_BYTES = 65_536

/** The format itself is five levels deep. */
const MAX_DEPTH = 20

/** Keys that reach into JavaScript's objects; never meant, and refused before any object is built from them. */
const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype']

/** A YAML file as plain data, with the way back from a key to its line. */
export interface YamlFile {
  readonly value: unknown
  /** 1-based line of the key or list item at `path`, or of its nearest parent that is there. */
  lineAt(path: readonly PropertyKey[]): number
}

type Problem = Omit<ConfigProblem, 'file'>

/**
 * Reads one YAML 1.2 document as plain maps, lists and scalars. Anchors, aliases, tags, repeated keys and keys that
 * are not text are problems, not features: a configuration must read the same to a person and to the program.
 */
export function readYaml(
  text: string
): { readonly ok: true; readonly yaml: YamlFile } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const unreadable = findUnreadableText(text)
  if (unreadable !== null) return { ok: false, problems: [unreadable] }
  const lines = new LineCounter()
  // Repeated keys are looked for below: the parser's own check compares every pair of keys, which large files exploit.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    schema: 'core',
    merge: false
  })
  const syntax = [...document.errors, ...document.warnings]
  if (syntax.length > 0) return { ok: false, problems: syntax.map((error) => describeSyntax(error, lines)) }
  const problems = [...findNodeProblems(document, lines)]
  if (problems.length > 0) return { ok: false, problems }
  const value: unknown = document.toJS()
  return { ok: true, yaml: { value, lineAt: (path) => lineOf(document, lines, path) } }
}

function findUnreadableText(text: string): Problem | null {
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_CONFIG_BYTES) {
    const message = `the file has ${bytes} bytes; at most ${MAX_CONFIG_BYTES} are read. Shorten it`
    return { line: 1, key: '', message }
  }
  const broken = text.search(/\uFFFD|\p{Surrogate}/u)
  if (broken >= 0) {
    const message = 'the file is not valid UTF-8 here; save it as UTF-8'
    return { line: lineOfOffset(text, broken), key: '', message }
  }
  const control = text.search(/(?![\t\n\r])\p{Cc}/u)
  if (control >= 0) {
    const code = text.charCodeAt(control).toString(16).padStart(4, '0').toUpperCase()
    const message = `the file has the control character U+${code} here; remove it`
    return { line: lineOfOffset(text, control), key: '', message }
  }
  return null
}

function lineOfOffset(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

function describeSyntax(error: Document['errors'][number] | Document['warnings'][number], lines: LineCounter): Problem {
  const line = Math.max(1, lines.linePos(error.pos[0]).line)
  return { line, key: '', message: explainSyntax(error.code, error.message) }
}

function explainSyntax(code: string, message: string): string {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'the file holds several YAML documents; keep one and remove the "---" between them'
    case 'TAB_AS_INDENT':
      return 'a tab is used for indentation, which YAML does not allow; use spaces'
    case 'BAD_ALIAS':
    case 'MULTIPLE_ANCHORS':
      return REFUSED_ALIAS
    case 'TAG_RESOLVE_FAILED':
      return REFUSED_TAG
    default:
      if (message.startsWith('Maximum call stack')) return TOO_DEEP
      return `not valid YAML: ${message.split('\n', 1)[0]?.slice(0, 200)}`
  }
}

const REFUSED_ALIAS = 'anchors (&name) and aliases (*name) are not supported; write the value out'
const REFUSED_TAG = 'tags (!name) are not supported; remove it'
const TOO_DEEP = `values are nested more than ${MAX_DEPTH} levels deep; nothing in this file needs that`

interface Visit {
  readonly node: unknown
  readonly path: readonly string[]
  /** Used when the node itself has no position, as an empty value. */
  readonly line: number
}

/** Walks the tree with a stack of its own, so that deep nesting cannot exhaust the program's. */
function* findNodeProblems(document: Document, lines: LineCounter): Generator<Problem> {
  const open: Visit[] = [{ node: document.contents, path: [], line: 1 }]
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { node, path } = visit
    const refused = findRefusedNode(node, path)
    if (refused !== null) {
      yield { line: lineOfNode(node, lines) ?? visit.line, key: path.join('.'), message: refused }
      continue
    }
    if (isMap(node)) yield* findKeyProblems(node.items, path, lines)
    for (const child of childrenOf(visit, lines)) open.push(child)
  }
}

function childrenOf({ node, path, line }: Visit, lines: LineCounter): readonly Visit[] {
  if (isSeq(node)) return node.items.map((item, index) => ({ node: item, path: [...path, String(index)], line }))
  if (!isMap(node)) return []
  return node.items.map(({ key, value }) => {
    return { node: value, path: [...path, keyText(key)], line: lineOfNode(key, lines) ?? line }
  })
}

function findRefusedNode(node: unknown, path: readonly string[]): string | null {
  if (path.length > MAX_DEPTH) return TOO_DEEP
  if (isAlias(node)) return REFUSED_ALIAS
  if (!(isScalar(node) || isMap(node) || isSeq(node))) return null
  if (node.anchor !== undefined) return REFUSED_ALIAS
  if (node.tag !== undefined && node.tag !== null) return REFUSED_TAG
  return null
}

function* findKeyProblems(pairs: readonly Pair[], path: readonly string[], lines: LineCounter): Generator<Problem> {
  const firstLines = new Map<string, number>()
  for (const { key } of pairs) {
    const line = lineOfNode(key, lines) ?? 1
    const text = keyText(key)
    const dotted = [...path, text].join('.')
    const firstLine = firstLines.get(text)
    if (!isScalar(key) || key.value === null || key.anchor !== undefined || key.tag !== undefined) {
      yield { line, key: path.join('.'), message: 'keys must be plain text' }
    } else if (FORBIDDEN_KEYS.includes(text)) {
      yield { line, key: dotted, message: `the key "${text}" is not allowed; choose another name` }
    } else if (firstLine !== undefined) {
      yield { line, key: dotted, message: `this key is already given on line ${firstLine}; keep one of the two` }
    } else {
      firstLines.set(text, line)
    }
  }
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : ''
}

function lineOfNode(node: unknown, lines: LineCounter): number | null {
  const range = isNodeWithRange(node) ? node.range : null
  return range === null || range === undefined ? null : lines.linePos(range[0]).line
}

function isNodeWithRange(node: unknown): node is Node {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents
  let line = lineOfNode(node, lines) ?? 1
  for (const step of path) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(({ key }) => keyText(key) === String(step))
      line = lineOfNode(pair?.key, lines) ?? line
      node = pair?.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      line = lineOfNode(node, lines) ?? line
    } else {
      return line
    }
  }
  return line
}
