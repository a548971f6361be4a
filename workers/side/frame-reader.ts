import { FRAME_HEADER_BYTES, type Frame, type FrameHeader, readFrameHeader } from './frames.ts'

/** As much as a pipe holds on Linux. */
const INBOX_BYTES = 65_536

/** Where chunks of a channel arrive, as bytes and as the numbers of a header. */
export interface Inbox {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly words: Uint32Array
}

export function createInbox(): Inbox {
  const bytes = new Uint8Array(INBOX_BYTES)
  return { bytes, words: new Uint32Array(bytes.buffer) }
}

/**
 * Reads a frame that arrived in one piece, as short ones do. Its body stays where it is, until the next chunk arrives.
 *
 * @param arrived bytes in the inbox
 * @returns null where they are anything but one whole frame; a {@link FrameReader} says what they are
 */
export function readWholeFrame({ bytes, words }: Inbox, arrived: number, maxBodyBytes: number): Frame | null {
  if (arrived < FRAME_HEADER_BYTES) return null
  const { type, exchange, bodyBytes } = readFrameHeader(words)
  if (bodyBytes > maxBodyBytes || bodyBytes !== arrived - FRAME_HEADER_BYTES) return null
  return { type, exchange, body: bytes.subarray(FRAME_HEADER_BYTES, arrived) }
}

export type FrameRead =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** More than one frame, in a row that has one reply per request. */
  | { readonly kind: 'surplus' }
  /** A frame that says it is longer than any honest one. */
  | { readonly kind: 'too_long' }

const INCOMPLETE: FrameRead = { kind: 'incomplete' }
const NO_BYTES = new Uint8Array(0)

/**
 * Puts what arrives on a channel together to one frame at a time. Who sends it may be hostile: a frame's length is checked
 * before anything is kept for it, and each byte is copied at most once, in however small chunks it comes.
 */
export class FrameReader {
  readonly #maxBodyBytes: number
  readonly #headerBuffer = new Uint8Array(FRAME_HEADER_BYTES)
  #headerBytes = 0
  #header: FrameHeader | null = null
  #body = NO_BYTES
  #bodyBytes = 0

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes
  }

  /** Takes in what arrived, and keeps no part of `chunk` itself. After `surplus` and `too_long` the reader is of no more use. */
  push(chunk: Uint8Array): FrameRead {
    let offset = 0
    if (this.#header === null) {
      offset = Math.min(chunk.length, FRAME_HEADER_BYTES - this.#headerBytes)
      this.#headerBuffer.set(chunk.subarray(0, offset), this.#headerBytes)
      this.#headerBytes += offset
      if (this.#headerBytes < FRAME_HEADER_BYTES) return INCOMPLETE
      const header = readFrameHeader(new Uint32Array(this.#headerBuffer.buffer))
      if (header.bodyBytes > this.#maxBodyBytes) return { kind: 'too_long' }
      this.#header = header
      this.#body = new Uint8Array(header.bodyBytes)
      this.#bodyBytes = 0
    }
    const rest = chunk.subarray(offset)
    if (rest.length > this.#body.length - this.#bodyBytes) return { kind: 'surplus' }
    this.#body.set(rest, this.#bodyBytes)
    this.#bodyBytes += rest.length
    if (this.#bodyBytes < this.#body.length) return INCOMPLETE
    const { type, exchange } = this.#header
    this.#headerBytes = 0
    this.#header = null
    return { kind: 'frame', frame: { type, exchange, body: this.#body } }
  }
}
