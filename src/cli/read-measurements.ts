import { createReadStream } from 'node:fs'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { z } from 'zod'
import { Block, MeasuredCase, Measurements } from '#contracts/measurements.ts'
import { describeValue, explainIssue } from './explain-issue.ts'
import { locateJsonError } from './locate-json-error.ts'
import { makePrintable } from './make-printable.ts'

export type ReadOutcome =
  | { readonly kind: 'read'; readonly measurements: Measurements }
  /** One line: which file, where in it, what is wrong, what to do. */
  | { readonly kind: 'bad_file'; readonly message: string }

/** Uncompressed. V8 holds no longer strings; the limit also stops archives that unpack without end. */
const MAX_BYTES = 500_000_000

const READ_BYTES = 1024 * 1024

const GZIP_MAGIC = [0x1f, 0x8b]

/** The contract cut at its levels, so that the first bad block ends the reading and can be named. */
const FileFrame = Measurements.extend({ cases: z.array(z.unknown()) })
const CaseFrame = MeasuredCase.extend({ blocks: z.array(z.unknown()) })

/** A problem inside the file; carries the line for the user. Never leaves this module. */
class BadFileError extends Error {
  readonly code = 'bad_file'
}

/**
 * Reads a file in format `tailgate.measurements/1`, plain or gzip (told by its content, not its name), and checks it
 * against the contract.
 */
export async function readMeasurements(path: string): Promise<ReadOutcome> {
  const file = makePrintable(path)
  try {
    const text = decodeText(await unpack(await readBytes(path)))
    return { kind: 'read', measurements: parseMeasurements(parseJson(text)) }
  } catch (error) {
    if (error instanceof BadFileError) return { kind: 'bad_file', message: `${file}: ${error.message}` }
    throw error
  }
}

/** Stops at the limit: devices and pipes have no size to look at first. */
async function readBytes(path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_BYTES) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw new BadFileError(explainReadError(error), { cause: error })
  }
  if (bytes > MAX_BYTES) throw new BadFileError(tooLarge())
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
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES })
  } catch (error) {
    const overflows = codeOf(error) === 'ERR_BUFFER_TOO_LARGE'
    const message = overflows ? tooLarge() : 'is damaged gzip data. Copy the file again, or pack it again with gzip.'
    throw new BadFileError(message, { cause: error })
  }
}

function tooLarge(): string {
  return `is larger than ${MAX_BYTES / 1_000_000} MB uncompressed. Split it into several files, each with fewer cases.`
}

function decodeText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new BadFileError('is not UTF-8 text. Save it as UTF-8 JSON, plain or gzip.', { cause: error })
  }
}

function parseJson(text: string): unknown {
  if (text.trim() === '') throw new BadFileError('is empty. Expected JSON in format tailgate.measurements/1.')
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

function parseMeasurements(value: unknown): Measurements {
  const frame = parsePart(FileFrame, value, '')
  const seen = new Set<string>()
  const cases = frame.cases.map((item, index) => {
    const parsed = parseCase(item, index)
    if (seen.has(parsed.id)) {
      throw new BadFileError(`${nameCase(item, index)}: the id is used twice. Give every case its own id.`)
    }
    seen.add(parsed.id)
    return parsed
  })
  return { ...frame, cases }
}

function parseCase(value: unknown, index: number): MeasuredCase {
  const place = nameCase(value, index)
  const frame = parsePart(CaseFrame, value, `${place}, `)
  return { ...frame, blocks: frame.blocks.map((block, at) => parsePart(Block, block, `${place}, block ${at}, `)) }
}

function nameCase(value: unknown, index: number): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return typeof id === 'string' ? `case ${describeValue(id)} (number ${index} from 0)` : `case number ${index} from 0`
}

function parsePart<T extends z.ZodType>(schema: T, value: unknown, place: string): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [first, ...others] = parsed.error.issues
  if (first === undefined) throw parsed.error
  const more = others.length === 0 ? '' : ` (and ${others.length} more problems here)`
  throw new BadFileError(`${place}${explainIssue(first, value)}${more}`)
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
