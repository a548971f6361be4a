import fc from 'fast-check'
import picomatch from 'picomatch'
import { expect, test } from 'vitest'
import { matchGlob } from '#src/plan/match-glob.ts'

test.each([
  ['**', 'a/b.txt', true],
  ['docs/**', 'docs/a/b.md', true],
  ['docs/**', 'docs', false],
  ['docs/**', 'docs-old/a.md', false],
  ['**/*.py', 'setup.py', true],
  ['**/*.py', 'src/a/b.py', true],
  ['*.py', 'src/b.py', false],
  ['src/**/test/*.py', 'src/test/a.py', true],
  ['src/**/test/*.py', 'src/a/test/b/test/c.py', true],
  ['src/*/a', 'src/a', false],
  ['m?del.onnx', 'model.onnx', true],
  ['m?del.onnx', 'mdel.onnx', false],
  ['*', '.hidden', true],
  ['**/a.b', 'x/a-b', false],
  ['requirements.txt', 'requirements.txt', true],
  ['Requirements.txt', 'requirements.txt', false],
  ['w?', 'w😀', true]
])('%s against %s', (glob, path, expected) => {
  expect(matchGlob(glob, path)).toBe(expected)
})

test('globs mean what they mean to picomatch', () => {
  const name = fc.stringMatching(/^[ab]{1,4}$/)
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
  const segment = fc.oneof(fc.constant('**'), fc.constantFrom('*', 'a*', '*b', 'a*b', '?', 'a?', 'a', 'b', 'ab'))
  const glob = fc
    .array(segment, { minLength: 1, maxLength: 4 })
    .map((segments) => segments.join('/'))
    // picomatch lets `a/**` match `a` itself; we mean what is below.
    .filter((text) => !text.endsWith('/**'))
  fc.assert(
    fc.property(glob, path, (pattern, file) => {
      expect(matchGlob(pattern, file)).toBe(picomatch(pattern, { dot: true })(file))
    }),
    { numRuns: 500 }
  )
})

test('a glob of many wildcards meets a name made to fit it almost', () => {
  expect(matchGlob(`${'*a'.repeat(90)}b`, 'a'.repeat(4000))).toBe(false)
  expect(matchGlob(`${'**/a/'.repeat(40)}b`, 'a/'.repeat(2000))).toBe(false)
})
