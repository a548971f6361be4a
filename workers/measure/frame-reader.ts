import { FRAME_HEADER_BYTES, readFrameHeader } from '#workers/side/frames.ts'

export interface Frame {
  readonly type: number
  readonly body: Buffer
}

export type FrameRead =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** More than one frame, in a row that has one reply per request. */
  | { readonly kind: 'surplus' }
  /** A frame that says it is longer than any honest one. */
  | { readonly kind: 'too_long' }

const INCOMPLETE: FrameRead = { kind: 'incomplete' }

/**
 * Puts the chunks of a socket together to one frame at a time. Who sends them may be hostile: a frame's length is checked
 * before anything is kept for it, and each byte is copied at most once, in however small chunks it comes.
 */
export class FrameReader {
  readonly #maxBodyBytes: number
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES)
  #headerBytes = 0
  #type = 0
  #body: Buffer | null = null
  #bodyBytes = 0

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes
  }

  /** Takes in what arrived. After anything but `incomplete` and `frame` the reader is of no more use. */
  push(chunk: Buffer): FrameRead {
    let offset = 0
    if (this.#body === null) {
      offset = chunk.copy(this.#header, this.#headerBytes)
      this.#headerBytes += offset
      if (this.#headerBytes < FRAME_HEADER_BYTES) return INCOMPLETE
      const { type, bodyBytes } = readFrameHeader(this.#header)
      if (bodyBytes > this.#maxBodyBytes) return { kind: 'too_long' }
      this.#type = type
      this.#body = Buffer.allocUnsafe(bodyBytes)
      this.#bodyBytes = 0
    }
    const body = this.#body
    const copied = chunk.copy(body, this.#bodyBytes, offset)
    this.#bodyBytes += copied
    if (offset + copied < chunk.length) return { kind: 'surplus' }
    if (this.#bodyBytes < body.length) return INCOMPLETE
    this.#headerBytes = 0
    this.#body = null
    return { kind: 'frame', frame: { type: this.#type, body } }
  }
}
