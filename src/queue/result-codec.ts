import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import { BenchmarkResult } from '#contracts/benchmark-result.ts'
import { findJsonExcess, JSON_MAX_BYTES } from '#contracts/json-limits.ts'
import { describeIssues, parseJson } from './job-data.ts'
import { QueueError } from './queue-error.ts'
import { errorFields } from './queue-log.ts'

const MEBIBYTE = 1024 * 1024
/** A `jsonb` string of Postgres holds 256 MiB at most (JENTRY_OFFLENMASK), a Redis string 512 MiB. */
const ENCODED_LIMIT_BYTES = 128 * MEBIBYTE

const compress = promisify(gzip)
const decompress = promisify(gunzip)

export type DecodedResult =
  | { readonly kind: 'result'; readonly result: BenchmarkResult }
  | { readonly kind: 'invalid'; readonly message: string }

/**
 * Packs a result for the queue: JSON, gzip, base64. 200 000 latencies come to about 1 MB.
 * @throws QueueError `result_too_large`
 */
export async function encodeResult(result: BenchmarkResult): Promise<string> {
  const json = Buffer.from(JSON.stringify(result))
  const excess = findJsonExcess(json)
  if (excess !== null) throw tooLarge(`The result holds ${excess}`)
  const packed = await compress(json)
  const encoded = packed.toString('base64')
  if (encoded.length <= ENCODED_LIMIT_BYTES) return encoded
  throw tooLarge(
    `The result is ${Math.ceil(encoded.length / MEBIBYTE)} MiB packed, more than the 128 MiB that the queue takes`
  )
}

function tooLarge(problem: string): QueueError {
  const message = `${problem}. Measure fewer cases per run, or for a shorter time.`
  return new QueueError(message, { code: 'result_too_large' })
}

/** What is wrong with an encoded result before it is unpacked, or null. */
export function checkEncoded(encoded: unknown): string | null {
  if (typeof encoded !== 'string') return invalid('it is not a string').message
  if (encoded.length > ENCODED_LIMIT_BYTES) return invalid('it is larger than 128 MiB packed').message
  return null
}

/** The JSON of an encoded result, still packed with gzip. */
export function packedBytes(encoded: string): Uint8Array {
  return Buffer.from(encoded, 'base64')
}

/** Unpacks what a worker handed back. Workers run next to foreign code, so nothing in it is trusted. */
export async function decodeResult(
  encoded: unknown,
  job: Pick<BenchmarkJob, 'jobId' | 'baselineSha' | 'candidateSha'>
): Promise<DecodedResult> {
  const problem = checkEncoded(encoded)
  if (typeof encoded !== 'string' || problem !== null) return { kind: 'invalid', message: problem ?? '' }
  const unpacked = await unpack(encoded)
  if (unpacked.kind === 'invalid') return unpacked
  const parsed = BenchmarkResult.safeParse(parseJson(unpacked.text))
  if (!parsed.success) return invalid(describeIssues(parsed.error))
  const result = parsed.data
  for (const key of ['jobId', 'baselineSha', 'candidateSha'] as const) {
    if (result[key] !== job[key]) return invalid(`${key}: it answers ${result[key]}, but ${job[key]} was asked`)
  }
  return { kind: 'result', result }
}

type Unpacked =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'invalid'; readonly message: string }

async function unpack(encoded: string): Promise<Unpacked> {
  try {
    const json = await decompress(packedBytes(encoded), { maxOutputLength: JSON_MAX_BYTES })
    const excess = findJsonExcess(json)
    return excess === null ? { kind: 'text', text: json.toString('utf8') } : invalid(`it holds ${excess}`)
  } catch (error) {
    const overflows = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    if (overflows) return invalid(`it holds more than ${JSON_MAX_BYTES / MEBIBYTE} MiB of JSON`)
    return invalid(`it cannot be unpacked (${errorFields(error).reason})`)
  }
}

function invalid(reason: string): { readonly kind: 'invalid'; readonly message: string } {
  return { kind: 'invalid', message: `The worker's result cannot be used: ${reason}.` }
}
