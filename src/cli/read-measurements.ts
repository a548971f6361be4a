import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { findJsonExcess, JSON_MAX_BYTES } from '#contracts/json-limits.ts'
import type { Measurements } from '#contracts/measurements.ts'
import { locateJsonError } from './locate-json-error.ts'
import { locateJsonPath } from './locate-json-path.ts'
import { makePrintable } from './make-printable.ts'
import { BadMeasurementsError, parseMeasurements } from './parse-measurements.ts'

export type ReadOutcome =
  | { readonly kind: 'read'; readonly measurements: Measurements }
  /** One line: which file, where in it, what is wrong, what to do. */
  | { readonly kind: 'bad_file'; readonly message: string }

/** Standard input instead of a file. */
export const STANDARD_INPUT = '-'

const READ_BYTES = 1024 * 1024

const GZIP_MAGIC = [0x1f, 0x8b]

const SPLIT = 'Split it into several files, each with fewer cases.'

/** A problem with the file; carries the line for the user. Never leaves this module. */
class BadFileError extends Error {
  readonly code = 'bad_file'
}

/**
 * Reads a file in format `tailgate.measurements/1`, plain or gzip (told by its content, not its name), and checks it
 * against the contract. How much of it is read, unpacked and parsed is bounded by `src/contracts/json-limits.ts`.
 *
 * @param path `-` reads `input` instead
 */
export async function readMeasurements(path: string, input: AsyncIterable<Buffer> | null = null): Promise<ReadOutcome> {
  const fromInput = path === STANDARD_INPUT && input !== null
  const file = fromInput ? 'standard input' : makePrintable(path)
  try {
    const bytes = await collectBytes(fromInput ? input : await openFile(path))
    const text = decodeText(await unpack(bytes))
    return { kind: 'read', measurements: checkContent(parseJson(text), text) }
  } catch (error) {
    if (error instanceof BadFileError) return { kind: 'bad_file', message: `${file}: ${error.message}` }
    throw error
  }
}

/** A file that is too large by its size is not read at all. */
async function openFile(path: string): Promise<AsyncIterable<Buffer>> {
  try {
    const { size } = await stat(path)
    if (size > JSON_MAX_BYTES) throw new BadFileError(tooLarge(`is larger than ${JSON_MAX_BYTES / 1024 / 1024} MiB`))
    return createReadStream(path, { highWaterMark: READ_BYTES })
  } catch (error) {
    if (error instanceof BadFileError) throw error
    throw new BadFileError(explainReadError(error), { cause: error })
  }
}

/** Stops at the limit: devices and pipes have no size to look at first. */
async function collectBytes(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > JSON_MAX_BYTES) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw new BadFileError(explainReadError(error), { cause: error })
  }
  if (bytes > JSON_MAX_BYTES) throw new BadFileError(tooLarge(`is larger than ${JSON_MAX_BYTES / 1024 / 1024} MiB`))
  return Buffer.concat(chunks)
}

function explainReadError(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such file. Check the path.'
    case 'EISDIR':
      return 'is a folder. Give the file of measurements inside it.'
    case 'EACCES':
    case 'EPERM':
      return 'may not be read. Check the file’s permissions.'
    default:
      return `cannot be read: ${error instanceof Error ? makePrintable(error.message) : String(error)}`
  }
}

async function unpack(bytes: Buffer): Promise<Buffer> {
  const packed = GZIP_MAGIC.every((byte, index) => bytes[index] === byte)
  if (!packed) return bytes
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: JSON_MAX_BYTES })
  } catch (error) {
    const overflows = codeOf(error) === 'ERR_BUFFER_TOO_LARGE'
    const message = overflows
      ? tooLarge(`unpacks to more than ${JSON_MAX_BYTES / 1024 / 1024} MiB`)
      : 'is damaged gzip data. Copy the file again, or pack it again with gzip.'
    throw new BadFileError(message, { cause: error })
  }
}

function tooLarge(what: string): string {
  return `${what}, the most that is judged at once. ${SPLIT}`
}

function decodeText(bytes: Buffer): string {
  const excess = findJsonExcess(bytes)
  if (excess !== null) throw new BadFileError(tooLarge(`holds ${excess}`))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new BadFileError('is not UTF-8 text. Save it as UTF-8 JSON, plain or gzip.', { cause: error })
  }
}

function parseJson(text: string): unknown {
  if (!/\S/.test(text)) throw new BadFileError('is empty. Expected JSON in format tailgate.measurements/1.')
  try {
    return JSON.parse(text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const place = locateJsonError(text, message)
    throw new BadFileError(
      `is not valid JSON${place === null ? '' : ` at ${place}`}: ${shortenJsonError(message)}. ${adviseOnJson(message)}`,
      { cause: error }
    )
  }
}

/** Without the position, which is said before, and without the excerpt, which may be half a file on one line. */
function shortenJsonError(message: string): string {
  const unplaced = message.replace(/ in JSON at position \d+ \(line \d+ column \d+\)$/, '')
  return makePrintable(unplaced.replace(/^(Unexpected token '.+?'), .*$/su, '$1'))
}

function adviseOnJson(message: string): string {
  if (/^(?:Unexpected end|Unterminated)/.test(message)) return 'It seems to be cut off: copy or record it again.'
  return 'JSON has no NaN, Infinity, comments or trailing commas: leave them out.'
}

function checkContent(value: unknown, text: string): Measurements {
  try {
    return parseMeasurements(value)
  } catch (error) {
    if (!(error instanceof BadMeasurementsError)) throw error
    throw new BadFileError(`${locateJsonPath(text, error.path)}: ${error.message}`, { cause: error })
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
