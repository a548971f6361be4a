/**
 * How messages travel over file descriptor 3: one byte that tells what follows, the length of the body in bytes, the body.
 * Numbers are little-endian. Blocks have a body of their own, since between two blocks every microsecond counts: neither
 * JSON nor a schema is run over their latencies. Everything else is rare and goes as JSON.
 *
 *   message        body
 *   JSON           UTF-8
 *   block request  case index (4 bytes), requests (4 bytes)
 *   block reply    failed requests (4 bytes), one latency per successful request in nanoseconds (8 bytes, float64)
 *
 * Used by both ends, and free of other modules, so that it does not slow the side's start.
 */
import type { BlockReply, BlockRequest } from './protocol.ts'

export const JSON_FRAME = 1
export const BLOCK_REQUEST_FRAME = 2
export const BLOCK_REPLY_FRAME = 3

export const FRAME_HEADER_BYTES = 5
const LENGTH_OFFSET = 1
const COUNT_BYTES = 4
const LATENCY_BYTES = 8

export interface FrameHeader {
  readonly type: number
  readonly bodyBytes: number
}

/** Length of the body of a reply with so many latencies. */
export function blockReplyBytes(latencies: number): number {
  return COUNT_BYTES + latencies * LATENCY_BYTES
}

export function readFrameHeader(header: Buffer): FrameHeader {
  return { type: header.readUInt8(0), bodyBytes: header.readUInt32LE(LENGTH_OFFSET) }
}

export function writeJsonFrame(message: unknown): Buffer {
  const text = JSON.stringify(message)
  const frame = startFrame(JSON_FRAME, Buffer.byteLength(text))
  frame.write(text, FRAME_HEADER_BYTES)
  return frame
}

export function writeBlockRequest({ caseIndex, requests }: Omit<BlockRequest, 'kind'>): Buffer {
  const frame = startFrame(BLOCK_REQUEST_FRAME, 2 * COUNT_BYTES)
  frame.writeUInt32LE(caseIndex, FRAME_HEADER_BYTES)
  frame.writeUInt32LE(requests, FRAME_HEADER_BYTES + COUNT_BYTES)
  return frame
}

export function readBlockRequest(body: Buffer): BlockRequest {
  return { kind: 'run', caseIndex: body.readUInt32LE(0), requests: body.readUInt32LE(COUNT_BYTES) }
}

export function writeBlockReply({ latenciesNs, errors }: Omit<BlockReply, 'kind'>): Buffer {
  const frame = startFrame(BLOCK_REPLY_FRAME, blockReplyBytes(latenciesNs.length))
  frame.writeUInt32LE(errors, FRAME_HEADER_BYTES)
  let offset = FRAME_HEADER_BYTES + COUNT_BYTES
  for (const latencyNs of latenciesNs) offset = frame.writeDoubleLE(latencyNs, offset)
  return frame
}

/**
 * What a side says of a block of `requests` requests, or null when it cannot be that: a latency that is no whole number of
 * nanoseconds above zero, or other than one latency for each request that did not fail.
 */
export function readBlockReply(body: Buffer, requests: number): BlockReply | null {
  if (body.length < COUNT_BYTES) return null
  const errors = body.readUInt32LE(0)
  if (errors > requests || body.length !== blockReplyBytes(requests - errors)) return null
  const latenciesNs: number[] = []
  for (let offset = COUNT_BYTES; offset < body.length; offset += LATENCY_BYTES) {
    const latencyNs = body.readDoubleLE(offset)
    if (!Number.isSafeInteger(latencyNs) || latencyNs <= 0) return null
    latenciesNs.push(latencyNs)
  }
  // A copy has no room left to grow; a job keeps millions of latencies.
  return { kind: 'ran', latenciesNs: latenciesNs.slice(), errors }
}

function startFrame(type: number, bodyBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + bodyBytes)
  frame.writeUInt8(type, 0)
  frame.writeUInt32LE(bodyBytes, LENGTH_OFFSET)
  return frame
}
