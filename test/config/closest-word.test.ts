import { expect, test } from 'vitest'
import { closestWord } from '#src/config/closest-word.ts'

test.each([
  ['cancle', ['cancel', 'help'], 'cancel'],
  ['HELP', ['cancel', 'help'], 'help'],
  ['hlep', ['cancel', 'help'], 'help'],
  ['halt', ['cancel', 'help'], null],
  ['hel', ['cancel', 'help'], 'help'],
  ['c', ['b'], null],
  ['treshold', ['models', 'thresholds'], 'thresholds'],
  ['p59', ['p50', 'p95', 'p99'], 'p50'],
  ['', ['a'], null],
  ['x'.repeat(100_000), ['help'], null]
])('%.20s is closest to %j', (word, candidates, expected) => {
  expect(closestWord(word, candidates)).toBe(expected)
})
