import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { readNpz } from '#workers/side/read-npz.ts'

const FOLDER = join(import.meta.dirname, '../../fixtures/recorded')
const MIB = 1024 ** 2

function fixture(name: string): Buffer {
  return readFileSync(join(FOLDER, name))
}

describe('readNpz', () => {
  test.each(['stored.npz', 'deflated.npz'])('reads the arrays of %s by name', (name) => {
    const sample = readNpz(fixture(name), name, MIB)

    expect([...sample.keys()]).toEqual(['ids', 'mask'])
    expect(sample.get('ids')).toMatchObject({ type: 'int64', shape: [1, 3], elements: BigInt64Array.of(5n, 6n, 7n) })
    expect(sample.get('mask')).toMatchObject({
      type: 'bool',
      elements: Uint8Array.of(1, 1, 0),
      place: `\`${name}\`, array \`mask\``
    })
  })

  test('an archive that unpacks to more than is left is refused before it is unpacked', () => {
    expect(() => readNpz(fixture('bomb.npz'), 'bomb.npz', 32 * MIB)).toThrow(/unpacks to more than .* the 32 MiB/)
  })

  test('an archive that states less than it holds is cut to what it states', () => {
    const bytes = Buffer.from(fixture('bomb.npz'))
    // The stated size, in the entry of the central directory.
    bytes.writeUInt32LE(1000, bytes.indexOf('PK\x01\x02', 0, 'latin1') + 24)

    expect(() => readNpz(bytes, 'bomb.npz', 32 * MIB)).toThrow(/67108864 bytes, and 872 bytes follow/)
  })

  test('an archive that states more than it holds is refused', () => {
    const bytes = Buffer.from(fixture('deflated.npz'))
    bytes.writeUInt32LE(MIB / 2, bytes.indexOf('PK\x01\x02', 0, 'latin1') + 24)

    expect(() => readNpz(bytes, 'a.npz', MIB)).toThrow(/array `ids` is cut off/)
  })

  test.each([
    ['text', Buffer.from('nothing that was ever packed, or even long'), /no \.npz archive/],
    ['half an archive', fixture('stored.npz').subarray(0, 300), /no \.npz archive/],
    ['another way of packing', fixture('lzma.npz'), /packed in a way/],
    ['no arrays', Buffer.from(zipSync({ 'readme.txt': Uint8Array.of(1) })), /holds no arrays/],
    ['an empty array', Buffer.from(zipSync({ 'x.npy': new Uint8Array() })), /array `x` is no \.npy array/],
    [
      'thousands of files',
      Buffer.from(
        zipSync(Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`${index}.txt`, new Uint8Array()])))
      ),
      /more than 2000 arrays/
    ]
  ])('%s is refused', (_, bytes, message) => {
    expect(() => readNpz(bytes, 'a.npz', MIB)).toThrow(message)
  })
})
