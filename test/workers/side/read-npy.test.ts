import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readNpy } from '#workers/side/read-npy.ts'

const FOLDER = join(import.meta.dirname, '../../fixtures/recorded')

function read(name: string) {
  const { type, shape, elements } = readNpy(readFileSync(join(FOLDER, `${name}.npy`)), '`a.npy`')
  return { type, shape, elements: Array.from<unknown>(elements) }
}

/** A file with a header of one's own. */
function npy(header: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const start = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${header}`, 'latin1')
  start.writeUInt16LE(header.length, 8)
  return Buffer.concat([start, data])
}

describe('arrays that NumPy wrote', () => {
  test.each(['float32', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'bool'])('%s', (type) => {
    expect(read(type)).toEqual({ type, shape: [2, 3], elements: [0, 1, 1, 1, 0, 1] })
  })

  test.each(['int64', 'uint64'])('%s', (type) => {
    expect(read(type)).toEqual({ type, shape: [2, 3], elements: [0n, 1n, 1n, 1n, 0n, 1n] })
  })

  test('float16, as its bits', () => {
    expect(read('float16')).toEqual({
      type: 'float16',
      shape: [2, 3],
      elements: [0, 0x3c00, 0x3c00, 0x3c00, 0, 0x3c00]
    })
  })

  test.each([
    ['float32', [1, 2, 258]],
    ['float16', [0x3c00, 0x4000, 0x5c08]],
    ['int64', [1n, 2n, 258n]],
    ['uint16', [1, 2, 258]]
  ])('%s in big-endian byte order', (type, elements) => {
    expect(read(`${type}-big-endian`)).toEqual({ type, shape: [3], elements })
  })

  test.each([
    ['scalar', { type: 'float32', shape: [], elements: [1.5] }],
    ['empty', { type: 'float32', shape: [0, 3], elements: [] }],
    ['unicode', { type: 'string', shape: [2, 2], elements: ['a', 'é\u{1f600}', '', 'longer'] }],
    ['bytes', { type: 'string', shape: [2], elements: ['ab', 'c'] }],
    ['version-2', { type: 'int32', shape: [1], elements: [7] }]
  ])('%s', (name, expected) => {
    expect(read(name)).toEqual(expected)
  })

  test('nothing of the file itself is kept', () => {
    const bytes = readFileSync(join(FOLDER, 'float32.npy'))
    const { elements } = readNpy(bytes, '`a.npy`')
    bytes.fill(0xff)

    expect(Array.from<unknown>(elements)).toEqual([0, 1, 1, 1, 0, 1])
  })
})

describe('arrays that are no tensors', () => {
  test.each([
    ['fortran-order', /^`a.npy` is stored in Fortran order/],
    ['structured', /^`a.npy` is a structured array/],
    ['objects', /^`a.npy` holds Python objects/],
    ['complex', /^`a.npy` has NumPy's type <c8, which no tensor has/],
    ['dates', /^`a.npy` has (NumPy's type <M8\[D\]|a .npy header)/]
  ])('%s are refused', (name, message) => {
    expect(() => read(name)).toThrow(message)
  })

  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
  test.each([
    ['text', Buffer.from('not numpy at all'), /is no \.npy array/],
    ['a file that ends in its magic', Buffer.from('\x93NUM', 'latin1'), /is no \.npy array/],
    ['a header longer than the file', npy(header).subarray(0, 20), /cut off or too long/],
    ['an unknown version', Buffer.concat([Buffer.from('\x93NUMPY\x09\x00', 'latin1'), Buffer.alloc(64)]), /version 9/],
    ['fewer elements than it says', npy(header, new Uint8Array(4)), /<f4\[2\], which is 8 bytes, and 4 bytes follow/],
    ['more elements than it says', npy(header, new Uint8Array(12)), /which is 8 bytes, and 12 bytes follow/],
    ['no shape', npy("{'descr': '<f4', 'fortran_order': False, }"), /header that cannot be read/],
    [
      'code for a shape',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (f(),), }"),
      /header that cannot be read/
    ],
    [
      'an absurd shape',
      npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'9'.repeat(30)},), }`),
      /no tensor has/
    ],
    [
      'an absurd product',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999, 99999999), }"),
      /0 bytes follow/
    ],
    [
      'too many dimensions',
      npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'1,'.repeat(40)}), }`),
      /no tensor has/
    ],
    [
      'a type of every object',
      npy("{'descr': '<constructor', 'fortran_order': False, 'shape': (), }"),
      /no tensor has/
    ],
    ['endless text', npy("{'descr': '<U999999999', 'fortran_order': False, 'shape': (1,), }"), /0 bytes follow/],
    [
      'a bool that is neither',
      npy("{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }", Uint8Array.of(2)),
      /other than 0 and 1/
    ]
  ])('%s is refused', (_, bytes, message) => {
    expect(() => readNpy(bytes, '`a.npy`')).toThrow(message)
  })
})
