import { type UnzipFileInfo, unzipSync } from 'fflate'
import type { RecordedSample, RecordedValue } from './fit-recorded.ts'
import { readNpy } from './read-npy.ts'
import { RecordedFileError } from './recorded-file-error.ts'

/** More arrays than a model may have inputs. */
const MAX_ENTRIES = 2000
const STORED = 0
const DEFLATED = 8

/**
 * Reads one sample: a zip archive of .npy arrays, each named after its input, as `numpy.savez` and `savez_compressed` write
 * them.
 *
 * An archive may pretend to any size. Nothing is unpacked before the sizes that it states are within the limit, and no more
 * is kept than it states: fflate fills an array of the stated size and drops what is left over. The time that a file can
 * take is limited as that of loading a model is, by the supervisor.
 *
 * @param maxBytes of all arrays together
 * @throws {RecordedFileError}
 */
export function readNpz(bytes: Uint8Array, path: string, maxBytes: number): RecordedSample {
  let entries = 0
  let unpackedBytes = 0
  const stated = new Map<string, number>()
  const accept = ({ name, size, originalSize, compression }: UnzipFileInfo): boolean => {
    entries += 1
    if (entries > MAX_ENTRIES) throw tooLarge(path, maxBytes)
    if (!name.endsWith('.npy')) return false
    if (compression !== STORED && compression !== DEFLATED) throw unknownCompression(path, name)
    unpackedBytes += Math.max(size, originalSize)
    if (unpackedBytes > maxBytes) throw tooLarge(path, maxBytes)
    if (stated.has(name)) throw new RecordedFileError(`\`${path}\` holds two arrays named \`${name}\`.`, SAVE_AGAIN)
    stated.set(name, originalSize)
    return true
  }
  const sample = new Map<string, RecordedValue>()
  for (const [name, content] of Object.entries(unzip(bytes, path, accept))) {
    const input = name.slice(0, -'.npy'.length)
    const place = `\`${path}\`, array \`${input}\``
    if (content.length !== stated.get(name)) throw new RecordedFileError(`${place} is cut off.`, SAVE_AGAIN)
    sample.set(input, readNpy(content, place))
  }
  if (sample.size > 0) return sample
  throw new RecordedFileError(`\`${path}\` holds no arrays.`, 'Save them with `numpy.savez(path, **{name: array})`.')
}

const SAVE_AGAIN = 'Save it again with `numpy.savez` or `numpy.savez_compressed`.'

function unzip(
  bytes: Uint8Array,
  path: string,
  filter: (file: UnzipFileInfo) => boolean
): Readonly<Record<string, Uint8Array>> {
  try {
    return unzipSync(bytes, { filter })
  } catch (error) {
    if (error instanceof RecordedFileError) throw error
    throw brokenArchive(path, error)
  }
}

function brokenArchive(path: string, cause: unknown): RecordedFileError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new RecordedFileError(`\`${path}\` is no .npz archive that can be read: ${reason}.`, SAVE_AGAIN, { cause })
}

function unknownCompression(path: string, name: string): RecordedFileError {
  return new RecordedFileError(`\`${path}\`: \`${name}\` is packed in a way that NumPy does not use.`, SAVE_AGAIN)
}

function tooLarge(path: string, maxBytes: number): RecordedFileError {
  return new RecordedFileError(
    `\`${path}\` unpacks to more than ${MAX_ENTRIES} arrays or the ${Math.floor(maxBytes / 1024 ** 2)} MiB that are left for recorded samples.`,
    'Record fewer or smaller samples.'
  )
}
