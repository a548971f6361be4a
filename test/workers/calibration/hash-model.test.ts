import { expect, test } from 'vitest'
import { hashModel } from '#workers/calibration/hash-model.ts'

const model = { sha256: 'a'.repeat(64), bytes: 1, externalData: [] }
const weights = (sha: string, path: string) => ({ sha256: sha.repeat(64), bytes: 1, path })

test('a model in one file has the hash of that file', () => {
  expect(hashModel(model)).toBe(model.sha256)
})

test('other weights make another model, in whatever order the files are listed', () => {
  const [one, two] = [weights('b', 'w/1.bin'), weights('c', 'w/2.bin')]
  const hash = hashModel({ ...model, externalData: [one, two] })

  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(hashModel({ ...model, externalData: [two, one] })).toBe(hash)
  expect(hashModel({ ...model, externalData: [one, weights('d', 'w/2.bin')] })).not.toBe(hash)
})
