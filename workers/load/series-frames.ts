/**
 * How the blocks of `generate` and `soak` travel to the supervisor: like other blocks, with further lists of numbers.
 *
 *   failed requests (4 bytes); then for each list its length (4 bytes) and its numbers (8 bytes each, float64)
 *
 * Numbers are little-endian. Lists: latenciesNs, ttftNs, itlNs for `generate`; latenciesNs, rssBytes, inferences for `soak`.
 *
 * Used by both ends, and free of zod, so that it does not slow the side's start.
 */
import type { GenerateOutcomes } from '#workers/scenarios/generate.ts'
import type { SoakOutcomes } from '#workers/scenarios/soak.ts'

/** Some requests of `generate` back to back. */
export interface GenerateRequest {
  readonly kind: 'generate'
  readonly caseIndex: number
  readonly requests: number
  readonly newTokens: number
  readonly firstIndex: number
}

/** Some requests of `soak` back to back. */
export interface SoakRequest {
  readonly kind: 'soak'
  readonly caseIndex: number
  readonly requests: number
  readonly firstIndex: number
}

const COUNT_BYTES = 4
const NUMBER_BYTES = 8
/** Each number is rounded to a nanosecond. */
const ROUNDING_NS = 1

/** Longest answer to a request: for the supervisor's limit. */
export function seriesReplyBytes(request: GenerateRequest | SoakRequest): number {
  const numbers = request.kind === 'generate' ? request.requests * (request.newTokens + 1) : request.requests + 2
  return 4 * COUNT_BYTES + numbers * NUMBER_BYTES
}

export function encodeGenerateReply({ errors, latenciesNs, ttftNs, itlNs }: GenerateOutcomes): Buffer {
  return encodeLists(errors, [latenciesNs, ttftNs, itlNs])
}

export function encodeSoakReply({ errors, latenciesNs, rssBytes, inferences }: SoakOutcomes): Buffer {
  return encodeLists(errors, [latenciesNs, rssBytes, inferences])
}

/**
 * What a side says of a `generate` block, or null when it cannot be that: times that are no whole numbers of nanoseconds above
 * zero, other than one set for each request that did not fail, tokens that do not add up to their request, or more time than
 * went by.
 */
export function decodeGenerateReply(body: Buffer, request: GenerateRequest, wallNs: number): GenerateOutcomes | null {
  const reply = decodeLists(body, 3)
  if (reply === null || reply.errors > request.requests) return null
  const { errors } = reply
  const [latenciesNs = [], ttftNs = [], itlNs = []] = reply.lists
  const answered = request.requests - errors
  const gaps = request.newTokens - 1
  if (latenciesNs.length !== answered || ttftNs.length !== answered || itlNs.length !== answered * gaps) return null
  if (!reply.lists.every((list) => list.every(isDuration))) return null
  const addsUp = latenciesNs.every((latencyNs, index) => {
    return latencyNs === (ttftNs[index] ?? 0) + sum(itlNs.slice(index * gaps, (index + 1) * gaps))
  })
  const fits = sum(latenciesNs) <= wallNs + answered * (gaps + 1) * ROUNDING_NS
  return addsUp && fits ? { errors, latenciesNs, ttftNs, itlNs } : null
}

/** What a side says of a `soak` block, or null when it cannot be that. One reading of memory at most, after all requests. */
export function decodeSoakReply(body: Buffer, request: SoakRequest, wallNs: number): SoakOutcomes | null {
  const reply = decodeLists(body, 3)
  if (reply === null || reply.errors > request.requests) return null
  const { errors } = reply
  const [latenciesNs = [], rssBytes = [], inferences = []] = reply.lists
  if (latenciesNs.length !== request.requests - errors || !latenciesNs.every(isDuration)) return null
  if (rssBytes.length > 1 || rssBytes.length !== inferences.length || !rssBytes.every(isDuration)) return null
  if (inferences.some((count) => count !== request.firstIndex + request.requests)) return null
  const fits = sum(latenciesNs) <= wallNs + latenciesNs.length * ROUNDING_NS
  return fits ? { errors, latenciesNs, rssBytes, inferences } : null
}

function encodeLists(errors: number, lists: readonly (readonly number[])[]): Buffer {
  const numbers = lists.reduce((total, list) => total + list.length, 0)
  const body = Buffer.allocUnsafe((1 + lists.length) * COUNT_BYTES + numbers * NUMBER_BYTES)
  let offset = body.writeUInt32LE(errors, 0)
  for (const list of lists) {
    offset = body.writeUInt32LE(list.length, offset)
    for (const value of list) offset = body.writeDoubleLE(value, offset)
  }
  return body
}

function decodeLists(
  body: Buffer,
  wanted: number
): { readonly errors: number; readonly lists: readonly number[][] } | null {
  if (body.length < COUNT_BYTES) return null
  const lists: number[][] = []
  let offset = COUNT_BYTES
  while (lists.length < wanted) {
    if (body.length < offset + COUNT_BYTES) return null
    const length = body.readUInt32LE(offset)
    offset += COUNT_BYTES
    if (body.length < offset + length * NUMBER_BYTES) return null
    const list = new Array<number>(length)
    for (let index = 0; index < length; index += 1) list[index] = body.readDoubleLE(offset + index * NUMBER_BYTES)
    lists.push(list)
    offset += length * NUMBER_BYTES
  }
  return offset === body.length ? { errors: body.readUInt32LE(0), lists } : null
}

function isDuration(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}

function sum(values: readonly number[]): number {
  let total = 0
  for (const value of values) total += value
  return total
}
