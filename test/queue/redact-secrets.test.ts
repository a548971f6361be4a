import { expect, test } from 'vitest'
import { redactSecrets } from '#queue/redact-secrets.ts'

test.each([
  ['an installation token', 'could not read ghs_16C7e42F292c6912E7710c838347Ae178B4a.', 'could not read [redacted].'],
  [
    'an installation token with a JWT in it, to its last part',
    "'ghs_1234567_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2ln-X_y'",
    "'[redacted]'"
  ],
  ['a personal token', 'token github_pat_11ABCDEFG0abcdefghijkl_mnop', 'token [redacted]'],
  ['a bare JWT', 'got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl', 'got [redacted]'],
  [
    'a name and password',
    "'https://x-access-token:a@github.com/o/r.git/': 403",
    "'https://[redacted]@github.com/o/r.git/': 403"
  ],
  ['a token as a name', 'https://0123456789@github.com/o/r', 'https://[redacted]@github.com/o/r'],
  ['the password of Redis', 'redis://:secret@10.0.0.1:6379 refused', 'redis://[redacted]@10.0.0.1:6379 refused'],
  ['a header that git sends', '> Authorization: Basic eHg6eXk=', '> Authorization: Basic [redacted]'],
  ['a short bearer header', 'authorization: bearer abc.def.ghi', 'authorization: bearer [redacted]'],
  ['a bearer token alone', 'sent Bearer 0123456789abcdef', 'sent Bearer [redacted]']
])('removes %s', (_what, message, expected) => {
  expect(redactSecrets(message)).toBe(expected)
})

test('removes the given secrets wherever they stand', () => {
  expect(redactSecrets('a hush-hush b hush-hush', ['hush-hush', ''])).toBe('a [redacted] b [redacted]')
})

test.each([
  'Model models/ghost.onnx is missing at 0123456789abcdef0123456789abcdef01234567.',
  'connect ECONNREFUSED 127.0.0.1:6379',
  'see https://github.com/o/r@v1/tree: nothing there',
  'The token endpoint refused; a basic authentication was expected.',
  'fatal: repository https://github.com/o/r.git/ not found, commit 0123456789abcdef'
])('leaves %j as it is', (message) => {
  expect(redactSecrets(message)).toBe(message)
})
