import { expect, test } from 'vitest'
import { findJsonExcess, JSON_MAX_BYTES } from '#contracts/json-limits.ts'

const MILLION = 1_000_000

test.each([
  ['', null],
  ['[1,2,3]', null],
  ['1,'.repeat(19 * MILLION), null],
  ['1,'.repeat(20 * MILLION + 1), 'more than 20 million values'],
  ['['.repeat(4 * MILLION), null],
  ['['.repeat(4 * MILLION + 1), 'more than 4 million lists and objects'],
  ['[{'.repeat(2 * MILLION + 1), 'more than 4 million lists and objects'],
  [':'.repeat(12 * MILLION + 1), 'more than 12 million keys']
])('text %# is or is not too much', (text, excess) => {
  expect(findJsonExcess(Buffer.from(text))).toBe(excess)
})

test('a text over the limit is not looked into', () => {
  expect(findJsonExcess(new Uint8Array(JSON_MAX_BYTES + 1))).toBe('more than 256 MiB of JSON')
})
