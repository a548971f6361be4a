import { describe, expect, test } from 'vitest'
import { redactSecrets } from '#workers/source/redact-secrets.ts'

describe('redactSecrets', () => {
  test.each([
    ['an installation token', 'token ghs_16C7e42F292c6912E7710c838347Ae178B4a', 'token [redacted]'],
    ['an installation token in JWT form', "'ghs_1234_eyJhbGci.eyJpc3Mi.c2ln-X_y'", "'[redacted]'"],
    ['a personal token', 'github_pat_11ABC_def end', '[redacted] end'],
    ['a bare JWT', 'got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl', 'got [redacted]'],
    ['a header', 'AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46YWJj==', 'AUTHORIZATION: basic [redacted]'],
    ['credentials in a URL', 'https://x-access-token:abc@github.com/o/r', 'https://[redacted]@github.com/o/r']
  ])('hides %s', (_what, text, expected) => {
    expect(redactSecrets(text, [])).toBe(expected)
  })

  test('hides the given secrets wherever they stand', () => {
    expect(redactSecrets('a hush-hush b hush-hush', ['hush-hush', ''])).toBe('a [redacted] b [redacted]')
  })

  test('leaves ordinary text alone', () => {
    const text = 'fatal: repository https://github.com/o/r.git/ not found, commit 0123456789abcdef'

    expect(redactSecrets(text, [])).toBe(text)
  })
})
