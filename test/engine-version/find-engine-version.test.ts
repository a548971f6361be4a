import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { findEngineVersion } from '#src/engine-version/find-engine-version.ts'

const LOCK_3 = { lockfileVersion: 3, packages: { 'node_modules/onnxruntime-node': { version: '1.29.0' } } }
const LOCK_1 = { lockfileVersion: 1, dependencies: { 'onnxruntime-node': { version: '1.24.1' } } }
const MANIFEST = { dependencies: { 'onnxruntime-node': '^1.20.0' } }

function find(manifest: unknown, lock: unknown) {
  const write = (value: unknown) => (value === null || typeof value === 'string' ? value : JSON.stringify(value))
  return findEngineVersion(write(manifest), write(lock))
}

describe('findEngineVersion', () => {
  test("reads this project's own lockfile", () => {
    const lock = readFileSync(resolve('package-lock.json'), 'utf8')
    const manifest = readFileSync(resolve('node_modules/onnxruntime-node/package.json'), 'utf8')
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(manifest))

    expect(find(null, lock)).toEqual({ kind: 'found', version, file: 'package-lock.json' })
  })

  test.each([
    ['the lockfile before package.json', MANIFEST, LOCK_3, '1.29.0', 'package-lock.json'],
    ['an old lockfile', MANIFEST, LOCK_1, '1.24.1', 'package-lock.json'],
    [
      'the folder before the tree of a lockfile that has both',
      null,
      { ...LOCK_1, ...LOCK_3 },
      '1.29.0',
      'package-lock.json'
    ],
    ['an exact version', { dependencies: { 'onnxruntime-node': '1.29.0' } }, null, '1.29.0', 'package.json'],
    ['one with an equals sign', { devDependencies: { 'onnxruntime-node': '=v1.29.0' } }, {}, '1.29.0', 'package.json'],
    ['an optional one', { optionalDependencies: { 'onnxruntime-node': '1.30.0' } }, null, '1.30.0', 'package.json']
  ])('takes %s', (_what, manifest, lock, version, file) => {
    expect(find(manifest, lock)).toEqual({ kind: 'found', version, file })
  })

  test.each([
    ['nothing', null, null],
    ['other packages', { dependencies: { express: '5.0.0' } }, { packages: {} }],
    ['a package of the same name further in', {}, { packages: { 'node_modules/a/node_modules/onnxruntime-node': {} } }],
    ['odd shapes', { dependencies: ['onnxruntime-node'] }, { packages: { 'node_modules/onnxruntime-node': 'x' } }],
    ['an inherited name', '{"dependencies":{"__proto__":{"onnxruntime-node":"1.29.0"}}}', null]
  ])('finds none in %s', (_what, manifest, lock) => {
    expect(find(manifest, lock)).toEqual({ kind: 'absent' })
  })

  test.each([
    ['a range', MANIFEST, null, 'package.json asks for onnxruntime-node "^1.20.0"'],
    ['a tag', { dependencies: { 'onnxruntime-node': 'latest' } }, null, '"latest"'],
    ['an address', { dependencies: { 'onnxruntime-node': 'https://evil.example/x.tgz' } }, null, 'not one released'],
    [
      'a pre-release',
      null,
      { packages: { 'node_modules/onnxruntime-node': { version: '1.30.0-dev.1' } } },
      'package-lock.json asks for'
    ],
    ['no JSON', null, '{', 'package-lock.json is no JSON object'],
    ['a list', '[]', null, 'package.json is no JSON object']
  ])('says what is wrong with %s', (_what, manifest, lock, problem) => {
    expect(find(manifest, lock)).toMatchObject({ kind: 'unclear', problem: expect.stringContaining(problem) })
  })

  test('shows a hostile version shortened and on one line', () => {
    const found = find({ dependencies: { 'onnxruntime-node': `a\n${'b'.repeat(500)}` } }, null)

    expect(found.kind === 'unclear' ? found.problem : '').toMatch(/^[^\n]{1,250}$/)
  })
})
