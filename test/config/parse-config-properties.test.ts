import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseConfig } from '#src/config/parse-config.ts'

const KEYS = [
  'version',
  'models',
  'sessions',
  'scenarios',
  'thresholds',
  'gate',
  'runner',
  'measuring',
  'paths',
  'path',
  'session',
  'inputs',
  'dims',
  'shapes',
  'default',
  'p50',
  'offline',
  'batch',
  '__proto__',
  'toString',
  '',
  '1'
]
const YAML_PIECES = [
  '\n',
  '  ',
  '- ',
  ': ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '? ',
  '&a ',
  '*a',
  '!!str ',
  '!x ',
  '"',
  "'",
  '|',
  '>',
  '%YAML 1.1\n',
  '---\n',
  '...\n',
  '#',
  '\t',
  '2%',
  '1',
  'null',
  '~',
  '.inf',
  '<<',
  '\\x',
  '\u0000',
  '\uD800',
  ...KEYS
]

function expectSoundAnswer(text: string): void {
  const parsed = parseConfig(text, { file: 'f' })
  if (parsed.ok) return
  const lineCount = text.split('\n').length
  expect(parsed.problems.length).toBeGreaterThan(0)
  expect(parsed.problems.length).toBeLessThanOrEqual(100)
  for (const { line, message } of parsed.problems) {
    expect(line).toBeGreaterThanOrEqual(1)
    expect(line).toBeLessThanOrEqual(lineCount)
    expect(message).not.toBe('')
  }
}

test('any text gives a configuration or problems with lines of the file', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...YAML_PIECES)).map((all) => all.join(''))
  )
  fc.assert(fc.property(texts, expectSoundAnswer), { numRuns: 200 })
})

test('any data under the real keys gives a configuration or problems with lines of the file', () => {
  const data = fc.object({ key: fc.constantFrom(...KEYS), maxDepth: 4, withNullPrototype: false })
  fc.assert(
    fc.property(data, (value) => expectSoundAnswer(stringify(value, { aliasDuplicateObjects: false }))),
    { numRuns: 100 }
  )
})
