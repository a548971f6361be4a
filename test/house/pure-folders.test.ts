import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const PURE_FOLDERS = [
  'contracts',
  'config',
  'stats',
  'load-curve',
  'diagnose',
  'equivalence',
  'environment',
  'budgets',
  'engine-version',
  'plan',
  'report',
  'command'
]

/** What makes a result depend on more than its arguments. The import boundaries keep Node's modules out already. */
const IMPURITIES: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'async code', pattern: /\b(?:async|await)\s/ },
  { name: 'the clock', pattern: /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\./ },
  { name: 'randomness', pattern: /\bMath\.random\b|\bcrypto\./ },
  { name: 'the process', pattern: /\bprocess\./ },
  { name: 'timers', pattern: /\bset(?:Timeout|Interval|Immediate)\(/ },
  { name: 'the network', pattern: /\bfetch\(/ }
]

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
}

function findImpurities(code: string): readonly string[] {
  return IMPURITIES.filter(({ pattern }) => pattern.test(withoutComments(code))).map(({ name }) => name)
}

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(join(ROOT, 'src', folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', folder, name))
}

describe('pure folders', () => {
  test.each(PURE_FOLDERS)('src/%s takes everything it needs as arguments', (folder) => {
    const impure = sourceFiles(folder).flatMap((path) =>
      findImpurities(readFileSync(join(ROOT, path), 'utf8')).map((name) => `${path} uses ${name}`)
    )
    expect(impure).toEqual([])
  })

  test.each([
    ['const now = Date.now()', 'the clock'],
    ['const now = new Date()', 'the clock'],
    ['export async function f() {}', 'async code'],
    ['const r = Math.random()', 'randomness'],
    ['setTimeout(f, 1)', 'timers']
  ])('%s is seen', (code, name) => {
    expect(findImpurities(code)).toEqual([name])
  })

  test('a given time and a comment are not impure', () => {
    expect(findImpurities('/** never await a thing */\nconst at = new Date(startedAt)')).toEqual([])
  })
})
