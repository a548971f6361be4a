import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

/** Words in backticks that are paths of this repository: below one of its folders, or a file at its root. */
function namedPaths(markdown: string): readonly string[] {
  const folders = /^(?:src|workers|test|docs|templates)(?:\/[\w./-]+)?$/
  const rootFiles = /^[\w.-]+\.(?:ts|md|yml|json)$/
  const words = [...markdown.matchAll(/`([^`\n]+)`/g)].flatMap((match) => match[1] ?? [])
  return [...new Set(words.filter((word) => folders.test(word) || rootFiles.test(word)))]
}

function linkedPaths(path: string, markdown: string): readonly string[] {
  const targets = [...markdown.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].flatMap((match) => match[1] ?? [])
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => join(path, '..', target))
}

function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

function missing(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !existsSync(join(ROOT, path)))
}

describe('ARCHITECTURE.md', () => {
  const paths = namedPaths(readDocument('ARCHITECTURE.md'))

  test('names only paths that exist', () => {
    expect(missing(paths)).toEqual([])
  })

  test('names every folder of the bot and of the workers', () => {
    const expected = 'contracts config webhook command plan run stats report queue github history web cli scripts'
      .split(' ')
      .map((name) => `src/${name}`)
    const workers = ['side', 'measure', 'scenarios', 'source', 'sandbox', 'device'].map((name) => `workers/${name}`)
    expect(paths).toEqual(expect.arrayContaining([...expected, ...workers]))
  })

  test('a path that does not exist is seen', () => {
    expect(missing(namedPaths('See `src/run`, `src/gone/away.ts` and `npm test`.'))).toEqual(['src/gone/away.ts'])
  })
})

const DOCUMENTS = [
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/glossary.md',
  'docs/security.md',
  'docs/operations.md',
  'docs/measurements.md',
  'docs/statistics.md'
]

describe.each(DOCUMENTS)('%s', (path) => {
  test('links only to files that exist', () => {
    expect(missing(linkedPaths(path, readDocument(path)))).toEqual([])
  })

  test('names only paths that exist', () => {
    expect(missing(namedPaths(readDocument(path)).filter((name) => name.includes('/')))).toEqual([])
  })
})
