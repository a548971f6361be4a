/**
 * How messages travel between supervisor and side process: three whole numbers of 4 bytes, which tell what follows, how
 * many bytes the body has and the number of the exchange, and then the body. A reply has the number of its request, which
 * the supervisor draws at random: nothing that a side sends unasked can pass for an answer. The one message that a side
 * sends by itself, that it is ready, has number 0. Numbers are as the machine has them, since both ends are on the same one.
 *
 * Blocks have a body of their own, since between two blocks every microsecond counts: neither JSON nor a schema is run over
 * their latencies, and they are read and written in one piece. Code that runs once in milliseconds runs slowly, each call
 * of it. Everything else is rare and goes as JSON.
 *
 *   message        body
 *   JSON           UTF-8
 *   block request  case index (4 bytes), requests (4 bytes)
 *   series, segment, outputs reply: see SERIES_REPLY_FRAME
 *   block reply    failed requests (4 bytes), one latency per successful request in nanoseconds (8 bytes, float64)
 *
 * Used by both ends, and free of other modules, so that it does not slow the side's start.
 */
import type { BinaryReply, BlockReply, BlockRequest, SideReply } from './protocol.ts'

export const JSON_FRAME = 1
export const BLOCK_REQUEST_FRAME = 2
export const BLOCK_REPLY_FRAME = 3
/** Bodies of their own: workers/load/series-frames.ts and segment-frames.ts, workers/outputs/output-frames.ts. */
export const SERIES_REPLY_FRAME = 4
export const SEGMENT_REPLY_FRAME = 5
export const OUTPUTS_REPLY_FRAME = 6

const WORD_BYTES = 4
/** Places of the numbers of a header, in words. */
const TYPE = 0
const BODY_BYTES = 1
const EXCHANGE = 2
const HEADER_WORDS = 3
export const FRAME_HEADER_BYTES = HEADER_WORDS * WORD_BYTES
const LATENCY_BYTES = 8

/** The exchange in which a side says that it is ready. */
export const START_EXCHANGE = 0

/** Most requests that one `run` may ask for. docs/statistics.md "Measuring" 3. */
export const MAX_BLOCK_REQUESTS = 50

export interface Frame {
  readonly type: number
  readonly exchange: number
  /** Begins at a multiple of 4 bytes. */
  readonly body: Uint8Array<ArrayBuffer>
}

export type FrameHeader = Omit<Frame, 'body'> & { readonly bodyBytes: number }

/** Length of the body of a reply with so many latencies. */
export function blockReplyBytes(latencies: number): number {
  return WORD_BYTES + latencies * LATENCY_BYTES
}

/** @param words of a buffer that begins with a header */
export function readFrameHeader(words: Uint32Array): FrameHeader {
  return { type: words[TYPE] ?? 0, exchange: words[EXCHANGE] ?? 0, bodyBytes: words[BODY_BYTES] ?? 0 }
}

/** Makes a frame part of an exchange. As written, a frame belongs to {@link START_EXCHANGE}. */
export function numberFrame(frame: Uint8Array<ArrayBuffer>, exchange: number): Uint8Array<ArrayBuffer> {
  new Uint32Array(frame.buffer, 0, HEADER_WORDS)[EXCHANGE] = exchange
  return frame
}

/** All frames are written into memory of their own, from its first byte. */
export function writeJsonFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(JSON.stringify(message))
  const frame = startFrame(JSON_FRAME, text.length)
  frame.set(text, FRAME_HEADER_BYTES)
  return frame
}

export function writeBlockRequest({ caseIndex, requests }: Omit<BlockRequest, 'kind'>): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array([BLOCK_REQUEST_FRAME, 2 * WORD_BYTES, START_EXCHANGE, caseIndex, requests])
  return new Uint8Array(words.buffer)
}

export function readBlockRequest(body: Uint8Array<ArrayBuffer>): BlockRequest {
  const [caseIndex = 0, requests = 0] = new Uint32Array(body.buffer, body.byteOffset, 2)
  return { kind: 'run', caseIndex, requests }
}

/** A reply as it goes out, whatever its kind. */
export function writeReply(reply: SideReply | BlockReply | BinaryReply): Uint8Array<ArrayBuffer> {
  switch (reply.kind) {
    case 'ran':
      return writeBlockReply(reply)
    case 'binary':
      return writeBinaryFrame(reply)
    default:
      return writeJsonFrame(reply)
  }
}

function writeBinaryFrame({ frameType, body }: BinaryReply): Uint8Array<ArrayBuffer> {
  const frame = startFrame(frameType, body.length)
  frame.set(body, FRAME_HEADER_BYTES)
  return frame
}

export function writeBlockReply({ latenciesNs, errors }: Omit<BlockReply, 'kind'>): Uint8Array<ArrayBuffer> {
  const frame = startFrame(BLOCK_REPLY_FRAME, blockReplyBytes(latenciesNs.length))
  new Uint32Array(frame.buffer, FRAME_HEADER_BYTES, 1)[0] = errors
  new Float64Array(frame.buffer, FRAME_HEADER_BYTES + WORD_BYTES).set(latenciesNs)
  return frame
}

/**
 * What a side says of a block of `requests` requests, or null when it cannot be that: a latency that is no whole number of
 * nanoseconds above zero, or other than one latency for each request that did not fail.
 */
export function readBlockReply(body: Uint8Array, requests: number): BlockReply | null {
  if (body.length < WORD_BYTES) return null
  const [errors = 0] = new Uint32Array(Uint8Array.from(body.subarray(0, WORD_BYTES)).buffer)
  if (errors > requests || body.length !== blockReplyBytes(requests - errors)) return null
  // A copy begins at a multiple of their size.
  const latenciesNs = new Float64Array(Uint8Array.from(body.subarray(WORD_BYTES)).buffer)
  if (!latenciesNs.every((latencyNs) => Number.isSafeInteger(latencyNs) && latencyNs > 0)) return null
  return { kind: 'ran', latenciesNs: Array.from(latenciesNs), errors }
}

function startFrame(type: number, bodyBytes: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + bodyBytes)
  const words = new Uint32Array(frame.buffer, 0, HEADER_WORDS)
  words[TYPE] = type
  words[BODY_BYTES] = bodyBytes
  words[EXCHANGE] = START_EXCHANGE
  return frame
}
