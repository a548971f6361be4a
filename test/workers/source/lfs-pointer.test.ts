import { describe, expect, test } from 'vitest'
import { formatLfsPointer, parseLfsPointer } from '#workers/source/lfs-pointer.ts'

const OID = 'ab'.repeat(32)
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${OID}\nsize 12345\n`

describe('parseLfsPointer', () => {
  test('reads hash and size', () => {
    expect(parseLfsPointer(POINTER)).toEqual({ oid: OID, bytes: 12345 })
  })

  test.each([
    ['no version', POINTER.replace(/^.*\n/, '')],
    ['another version', POINTER.replace('spec/v1', 'spec/v2')],
    ['a path for a hash', POINTER.replace(OID, '../../../etc/passwd')],
    ['a short hash', POINTER.replace(OID, OID.slice(1))],
    ['upper-case digits', POINTER.replace(OID, OID.toUpperCase())],
    ['another hash function', POINTER.replace('sha256', 'sha512')],
    ['a negative size', POINTER.replace('12345', '-1')],
    ['no size', POINTER.replace(/size .*\n/, '')],
    ['two sizes', `${POINTER}size 1\n`],
    ['two hashes', `${POINTER}oid sha256:${OID}\n`],
    ['a size beyond all integers', POINTER.replace('12345', '9'.repeat(16))],
    ['an extension, which is a program', POINTER.replace('oid', `ext-0-touch sha256:${OID}\noid`)],
    ['more bytes than a pointer may have', `${POINTER}${'x'.repeat(1023)}`]
  ])('takes no text with %s', (_what, text) => {
    expect(parseLfsPointer(text)).toBeNull()
  })

  test('reads what formatLfsPointer writes', () => {
    expect(formatLfsPointer({ oid: OID, bytes: 12345 })).toBe(POINTER)
  })
})
