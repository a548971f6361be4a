import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig } from '#src/config/parse-config.ts'
import packageJson from '../../package.json' with { type: 'json' }

const ROOT = join(import.meta.dirname, '../..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

test('every file that the README links to exists', () => {
  const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)

  expect(links.length).toBeGreaterThan(5)
  expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

test('every npm script that the README names exists', () => {
  const named = [...README.matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, script = '']) => script)
  const known = new Set([...Object.keys(packageJson.scripts), 'ci', 'run', 'packages'])

  expect(named).toContain('demo')
  expect(named.filter((script) => !known.has(script))).toEqual([])
})

test('the configuration of the README is valid, and four lines long', () => {
  const text = /```yaml\n([\s\S]*?)```/.exec(README)?.[1]?.replaceAll(/^ {3}/gm, '') ?? ''

  expect(parseConfig(text, { file: 'README.md' })).toMatchObject({ ok: true })
  expect(text.trim().split('\n').length).toBeLessThanOrEqual(4)
})

test('the report of the README has the columns that reports have', () => {
  const golden = readFileSync(join(ROOT, 'test/golden/regression.comment.md'), 'utf8')
  const header = golden.split('\n').find((line) => line.startsWith('| Case'))

  expect(header).toBeDefined()
  expect(README).toContain(`> ${header}`)
})
