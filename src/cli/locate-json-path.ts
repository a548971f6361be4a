import { describePosition } from './locate-json-error.ts'

const STRUCTURE = /["[\]{}]/g
const SCALAR_END = /[\s,\]}]/g

/**
 * Where a value stands in a text, as `line 3, column 14`, both from 1. Where the path leads nowhere (a missing key), the
 * place of the last value on it that is there.
 *
 * @param text valid JSON
 */
export function locateJsonPath(text: string, path: readonly PropertyKey[]): string {
  let at = skipSpace(text, 0)
  for (const part of path) {
    const next = enter(text, at, part)
    if (next === null) break
    at = next
  }
  return describePosition(text, at)
}

/** Offset of a member of the list or object at `at`. */
function enter(text: string, at: number, part: PropertyKey): number | null {
  if (text[at] === '[') return typeof part === 'number' ? enterList(text, at, part) : null
  return text[at] === '{' ? enterObject(text, at, part) : null
}

function enterList(text: string, at: number, wanted: number): number | null {
  let cursor = skipSpace(text, at + 1)
  for (let index = 0; cursor < text.length && text[cursor] !== ']'; index += 1) {
    if (index === wanted) return cursor
    cursor = skipMember(text, cursor)
  }
  return null
}

/** A key that is there twice: the last one, as `JSON.parse` has it. */
function enterObject(text: string, at: number, wanted: PropertyKey): number | null {
  let found: number | null = null
  let cursor = skipSpace(text, at + 1)
  while (cursor < text.length && text[cursor] !== '}') {
    const keyEnd = skipString(text, cursor)
    const isWanted = JSON.parse(text.slice(cursor, keyEnd)) === wanted
    cursor = skipSpace(text, skipSpace(text, keyEnd) + 1)
    if (isWanted) found = cursor
    cursor = skipMember(text, cursor)
  }
  return found
}

/** Offset of what follows the value at `at` and its comma. */
function skipMember(text: string, at: number): number {
  const end = skipSpace(text, skipValue(text, at))
  return text[end] === ',' ? skipSpace(text, end + 1) : end
}

/** Offset just after the value that starts at `at`. */
function skipValue(text: string, at: number): number {
  if (text[at] === '"') return skipString(text, at)
  if (text[at] !== '[' && text[at] !== '{') return findFrom(SCALAR_END, text, at)
  let depth = 0
  let cursor = at
  do {
    cursor = findFrom(STRUCTURE, text, cursor)
    const mark = text[cursor]
    if (mark === '"') {
      cursor = skipString(text, cursor)
      continue
    }
    depth += mark === '[' || mark === '{' ? 1 : -1
    cursor += 1
  } while (depth > 0 && cursor < text.length)
  return cursor
}

/** Offset just after the string that starts at `at`. */
function skipString(text: string, at: number): number {
  let end = at
  let escaped = true
  while (escaped) {
    end = text.indexOf('"', end + 1)
    if (end === -1) return text.length
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes += 1
    escaped = slashes % 2 === 1
  }
  return end + 1
}

function skipSpace(text: string, at: number): number {
  let cursor = at
  while (text[cursor] === ' ' || text[cursor] === '\n' || text[cursor] === '\r' || text[cursor] === '\t') cursor += 1
  return cursor
}

function findFrom(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.exec(text)?.index ?? text.length
}
