import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readNpy } from '#workers/side/read-npy.ts'
import { readNpz } from '#workers/side/read-npz.ts'
import { readRecordedJson } from '#workers/side/read-recorded-json.ts'
import { RecordedFileError } from '#workers/side/recorded-file-error.ts'

const FOLDER = join(import.meta.dirname, '../../fixtures/recorded')
const MAX_BYTES = 2 ** 20

/** A file with some bytes changed and its end cut off. */
function damaged(name: string): fc.Arbitrary<Uint8Array> {
  const whole = readFileSync(join(FOLDER, name))
  const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255))
  return fc.tuple(fc.array(change, { maxLength: 6 }), fc.nat(whole.length)).map(([changes, kept]) => {
    const bytes = Uint8Array.from(whole)
    for (const [place, value] of changes) bytes[place] = value
    return kept % 3 === 0 ? bytes.subarray(0, kept) : bytes
  })
}

/** What reading gives, or null where the file was refused as it should be; everything else is thrown. */
function readOrRefuse<Read>(read: () => Read): Read | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof RecordedFileError) return null
    throw error
  }
}

describe('a damaged file is read or refused, and never more', () => {
  test.each(['float32.npy', 'unicode.npy', 'version-2.npy', 'int64-big-endian.npy'])('%s', (name) => {
    fc.assert(
      fc.property(damaged(name), (bytes) => {
        const value = readOrRefuse(() => readNpy(bytes, '`a.npy`'))
        if (value === null) return
        const length = value.shape.reduce((product, size) => product * size, 1)
        expect(value.elements.length).toBe(length)
      }),
      { numRuns: 500 }
    )
  })

  test.each(['stored.npz', 'deflated.npz'])('%s', (name) => {
    fc.assert(
      fc.property(damaged(name), (bytes) => {
        const sample = readOrRefuse(() => readNpz(bytes, 'a.npz', MAX_BYTES))
        expect(sample === null || sample.size > 0).toBe(true)
      }),
      { numRuns: 500 }
    )
  })

  test('any text as JSON', () => {
    const text = fc.oneof(fc.string(), fc.json())
    fc.assert(
      fc.property(text, (content) => {
        const samples = readOrRefuse(() => readRecordedJson(content, 'a.json'))
        expect(samples === null || Array.isArray(samples)).toBe(true)
      }),
      { numRuns: 1000 }
    )
  })
})
