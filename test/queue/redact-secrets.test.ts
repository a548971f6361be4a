import { expect, test } from 'vitest'
import { redactSecrets } from '#queue/redact-secrets.ts'

test.each([
  ['fatal: could not read ghs_0123456789abcdefABCDEF0123456789abcd', 'fatal: could not read [redacted]'],
  ['token github_pat_11ABCDEFG0abcdefghijkl_mnop', 'token [redacted]'],
  [
    "unable to access 'https://x-access-token:hunter2@github.com/o/r.git/': 403",
    "unable to access 'https://[redacted]@github.com/o/r.git/': 403"
  ],
  ['redis://:secret@10.0.0.1:6379 refused', 'redis://[redacted]@10.0.0.1:6379 refused'],
  ['> Authorization: Basic eHg6eXk=', '> Authorization: Basic [redacted]'],
  ['authorization: bearer abc.def.ghi', 'authorization: bearer [redacted]']
])('removes the secret of %j', (message, expected) => {
  expect(redactSecrets(message)).toBe(expected)
})

test.each([
  'Model models/ghost.onnx is missing at 0123456789abcdef0123456789abcdef01234567.',
  'connect ECONNREFUSED 127.0.0.1:6379',
  'see https://github.com/o/r@v1/tree: nothing there'
])('leaves %j as it is', (message) => {
  expect(redactSecrets(message)).toBe(message)
})

test('replaces what Postgres cannot store', () => {
  expect(redactSecrets('a\0b\ud800c')).toBe('a\ufffdb\ufffdc')
})

test('ends after 4000 characters, also in the middle of a surrogate pair', () => {
  const text = redactSecrets(`${'x'.repeat(3998)}\u{1f600}\u{1f600}`)

  expect(text).toHaveLength(4000)
  expect(text.isWellFormed()).toBe(true)
})
