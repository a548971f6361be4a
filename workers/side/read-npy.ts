import type { ElementType } from '#contracts/inputs.ts'
import { allocateElements, bytesOf, countElements, type TensorValues } from './element-types.ts'
import type { RecordedValue } from './fit-recorded.ts'
import { RecordedFileError } from './recorded-file-error.ts'

/**
 * Reads NumPy's array format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. A parser of its own:
 * the packages for it run the header through JSON or eval, take lengths from the file on trust, and know neither
 * big-endian numbers nor float16 nor booleans.
 */
const MAGIC = '\u0093NUMPY'
/** The longest that NumPy itself writes without a warning is 10 000; one dimension takes up to 21 characters. */
const MAX_HEADER_BYTES = 65_536
const MAX_RANK = 32

/** NumPy's type characters and sizes in bytes; of complex, dates and void there is no tensor. */
const NUMPY_TYPES: Readonly<Record<string, Exclude<ElementType, 'string'>>> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64'
}

interface NpyHeader {
  /** `<f4`: byte order, kind and size. */
  readonly descr: string
  readonly shape: readonly number[]
  /** Where the elements begin. */
  readonly dataStart: number
}

/**
 * Reads one array, in C order, of any type that a tensor can have.
 *
 * @param bytes the whole file; none of its memory is kept
 * @param place file and array, for messages
 * @throws {RecordedFileError} when it is anything else
 */
export function readNpy(bytes: Uint8Array, place: string): RecordedValue & { readonly kind: 'typed' } {
  const { descr, shape, dataStart } = readHeader(bytes, place)
  const data = bytes.subarray(dataStart)
  const length = countElements(shape)
  const [, order = '', kind = '', size = ''] = /^([<>|=])([a-zA-Z])(\d{0,9})$/.exec(descr) ?? []
  const sizeBytes = Number(size) * (kind === 'U' ? 4 : 1)
  if ((kind === 'U' || kind === 'S') && size !== '') {
    checkLength(data, length * sizeBytes, { descr, shape }, place)
    const elements =
      kind === 'U' ? readUnicode(data, length, sizeBytes, order === '>') : readBytes(data, length, sizeBytes)
    return { kind: 'typed', type: 'string', shape, elements, place }
  }
  const type = Object.hasOwn(NUMPY_TYPES, `${kind}${size}`) ? NUMPY_TYPES[`${kind}${size}`] : undefined
  if (type === undefined) throw unknownType(descr, place)
  checkLength(data, length * sizeBytes, { descr, shape }, place)
  return { kind: 'typed', type, shape, elements: readNumbers(data, type, length, order === '>', place), place }
}

function readHeader(bytes: Uint8Array, place: string): NpyHeader {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAX_HEADER_BYTES))
  if (start.toString('latin1', 0, 6) !== MAGIC || start.length < 12) {
    throw new RecordedFileError(`${place} is no .npy array: it does not begin as one.`, 'Save it with `numpy.save`.')
  }
  const version = start.readUInt8(6)
  const headerStart = version === 1 ? 10 : 12
  const headerBytes = version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8)
  if (version > 3 || headerStart + headerBytes > start.length) {
    throw new RecordedFileError(
      `${place} has a .npy header of version ${version} that is cut off or too long.`,
      SAVE_AGAIN
    )
  }
  const text = start.toString(version === 3 ? 'utf8' : 'latin1', headerStart, headerStart + headerBytes)
  return { ...parseHeader(text, place), dataStart: headerStart + headerBytes }
}

const SAVE_AGAIN = 'Save it again with `numpy.save`, with `allow_pickle=False`.'

/** The header is a Python dictionary, always in the same few words. */
function parseHeader(text: string, place: string): Omit<NpyHeader, 'dataStart'> {
  const descr = /'descr': *'([^']{1,20})'/.exec(text)?.[1]
  const fortranOrder = /'fortran_order': *(True|False)/.exec(text)?.[1]
  const sizes = /'shape': *\(([\d, L]*)\)/.exec(text)?.[1]
  if (descr === undefined && /'descr': *\[/.test(text)) {
    throw new RecordedFileError(
      `${place} is a structured array (with named fields), and the model takes plain ones.`,
      'Save one array per field: `array["field"]`.'
    )
  }
  if (descr === undefined || fortranOrder === undefined || sizes === undefined) {
    throw new RecordedFileError(`${place} has a .npy header that cannot be read.`, SAVE_AGAIN)
  }
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number.parseInt(size, 10)]))
  if (shape.length > MAX_RANK || !shape.every(Number.isSafeInteger)) {
    throw new RecordedFileError(`${place} has a shape that no tensor has: (${sizes.slice(0, 100)}).`, SAVE_AGAIN)
  }
  if (fortranOrder === 'True') {
    throw new RecordedFileError(
      `${place} is stored in Fortran order (columns first), and tensors are in C order.`,
      'Save `numpy.ascontiguousarray(array)`.'
    )
  }
  return { descr, shape }
}

function checkLength(
  data: Uint8Array,
  expectedBytes: number,
  { descr, shape }: Pick<NpyHeader, 'descr' | 'shape'>,
  place: string
): void {
  if (data.length === expectedBytes) return
  throw new RecordedFileError(
    `${place} says that it holds ${descr}[${shape.join(', ')}], which is ${expectedBytes} bytes, and ${data.length} bytes follow.`,
    'The file is cut off, or several arrays were written to it. Save each with `numpy.save` or all with `numpy.savez`.'
  )
}

function readNumbers(
  data: Uint8Array,
  type: Exclude<ElementType, 'string'>,
  length: number,
  bigEndian: boolean,
  place: string
): TensorValues {
  const elements = allocateElements(type, length)
  const target = bytesOf(elements)
  target.set(data)
  if (bigEndian) swapBytes(target, elements.BYTES_PER_ELEMENT)
  if (type === 'bool' && target.some((byte) => byte > 1)) {
    throw new RecordedFileError(`${place} is a bool array with bytes other than 0 and 1.`, SAVE_AGAIN)
  }
  return elements
}

function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (size === 2) buffer.swap16()
  if (size === 4) buffer.swap32()
  if (size === 8) buffer.swap64()
}

/** Texts of a fixed number of characters, four bytes each, filled up with NUL. */
function readUnicode(data: Uint8Array, length: number, size: number, bigEndian: boolean): readonly string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  return Array.from({ length }, (_, index) => {
    const characters: string[] = []
    for (let offset = index * size; offset < (index + 1) * size; offset += 4) {
      const codePoint = view.getUint32(offset, !bigEndian)
      characters.push(codePoint > 0x10ffff ? '\ufffd' : String.fromCodePoint(codePoint))
    }
    return characters.join('').replace(/\0+$/, '')
  })
}

/** Byte strings, read as UTF-8, filled up with NUL. */
function readBytes(data: Uint8Array, length: number, size: number): readonly string[] {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.length)
  return Array.from({ length }, (_, index) =>
    buffer.toString('utf8', index * size, (index + 1) * size).replace(/\0+$/, '')
  )
}

function unknownType(descr: string, place: string): RecordedFileError {
  if (descr.includes('O')) {
    return new RecordedFileError(
      `${place} holds Python objects, which only Python can read (and which could run code when it does).`,
      'Save an array of numbers, booleans or fixed-length strings.'
    )
  }
  return new RecordedFileError(
    `${place} has NumPy's type ${descr}, which no tensor has.`,
    `Tensors can be made of ${Object.keys(NUMPY_TYPES).join(', ')} and of strings (U, S).`
  )
}
