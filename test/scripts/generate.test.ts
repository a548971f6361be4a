import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findStale, GENERATED_FILES, type GeneratedFile, writeGenerated } from '#src/scripts/generate.ts'

const ROOT = resolve(import.meta.dirname, '../..')

describe('generated files', () => {
  test('are what the code makes; otherwise run: npm run generate', () => {
    expect(findStale(ROOT, GENERATED_FILES)).toEqual([])
  })

  test('every option in the JSON Schema is described', () => {
    const schema: unknown = JSON.parse(readFileSync(join(ROOT, 'docs/tailgate.schema.json'), 'utf8'))
    const options = listProperties(schema, '')
    expect(options.length).toBeGreaterThan(30)
    expect(options.filter(({ described }) => !described).map(({ key }) => key)).toEqual([])
  })
})

describe('generating', () => {
  const files: readonly GeneratedFile[] = [
    { path: 'docs/one.md', render: () => 'one\n' },
    { path: 'docs/two.md', render: () => 'two\n' }
  ]
  let root = ''

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tailgate-generate-'))
    mkdirSync(join(root, 'docs'))
  })

  afterEach(() => {
    rmSync(root, { recursive: true })
  })

  test('names the files that are missing or differ', () => {
    writeFileSync(join(root, 'docs/one.md'), 'one\n')
    expect(findStale(root, files)).toEqual(['docs/two.md'])
    writeFileSync(join(root, 'docs/two.md'), 'two')
    expect(findStale(root, files)).toEqual(['docs/two.md'])
  })

  test('writes them once', () => {
    expect(writeGenerated(root, files)).toEqual(['docs/one.md', 'docs/two.md'])
    expect(readFileSync(join(root, 'docs/two.md'), 'utf8')).toBe('two\n')
    expect(writeGenerated(root, files)).toEqual([])
  })
})

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listProperties(schema: unknown, prefix: string): { key: string; described: boolean }[] {
  if (!isMapping(schema)) return []
  const properties = isMapping(schema.properties) ? Object.entries(schema.properties) : []
  const own = properties.flatMap(([name, option]) => {
    const key = `${prefix}${name}`
    const described = isMapping(option) && typeof option.description === 'string'
    return [{ key, described }, ...listProperties(option, `${key}.`)]
  })
  return [...own, ...listProperties(schema.additionalProperties, `${prefix}<id>.`)]
}
