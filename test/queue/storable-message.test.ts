import { expect, test } from 'vitest'
import { storableMessage } from '#queue/storable-message.ts'

test('removes secrets', () => {
  expect(storableMessage('fatal: ghs_0123456789abcdef')).toBe('fatal: [redacted]')
})

test('replaces what Postgres cannot store', () => {
  expect(storableMessage('a\0b\ud800c')).toBe('a\ufffdb\ufffdc')
})

test('ends after 4000 characters, also in the middle of a surrogate pair', () => {
  const text = storableMessage(`${'x'.repeat(3998)}\u{1f600}\u{1f600}`)

  expect(text).toHaveLength(4000)
  expect(text.isWellFormed()).toBe(true)
})
