import { describe, expect, test } from 'vitest'
import { explainLfsFailure } from '#workers/source/explain-lfs-failure.ts'

const OID = 'ab'.repeat(32)
const OTHER = 'cd'.repeat(32)
const LAST = "error: failed to fetch some objects from 'https://git.example/acme/voice.git/info/lfs'"

describe('explainLfsFailure', () => {
  test('takes the line of the object, not that of another one', () => {
    const stderr = `[${OTHER}] Object does not exist: [404] gone\nexpected OID ${OID}, got ${OTHER} after 3 bytes\n${LAST}`

    expect(explainLfsFailure(stderr, OID, []).reason).toContain('SHA-256')
    expect(explainLfsFailure(`[${OTHER}] Object does not exist\n${LAST}`, OID, []).reason).toContain('git said nothing')
  })

  test('names the host of a signed address, and nothing else of it', () => {
    const stderr = `LFS: Authorization error: https://store.example/503/${OID}?X-Signature=secret\n${LAST}`

    const { reason } = explainLfsFailure(stderr, OID, [])

    expect(reason).toBe('the LFS server refused the token (LFS: Authorization error: store.example)')
  })

  test('takes secrets and line breaks out of what a server says', () => {
    const { reason } = explainLfsFailure(`batch response: token ghs_1 is\u001b[31m bad\n${LAST}`, OID, ['ghs_1'])

    expect(reason).not.toContain('ghs_1')
    expect(reason).not.toContain('\u001b')
  })

  test.each([
    ['batch response: Fatal error: Try later', 'overloaded'],
    ['batch response: This repository is over its data quota.', 'quota'],
    [
      'batch response: Post "https://git.example/x": dial tcp 127.0.0.1:1: connect: connection refused',
      'cannot be reached'
    ],
    ['write /work/x: no space left on device', 'disk is full']
  ])('%s', (line, reason) => {
    expect(explainLfsFailure(`${line}\n${LAST}`, OID, []).reason).toContain(reason)
  })
})
