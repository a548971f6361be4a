import { BLOCK_REPLY_FRAME, JSON_FRAME, readBlockReply } from '#workers/side/frames.ts'
import { type BlockReply, SideReply, type SideRequest } from '#workers/side/protocol.ts'
import type { Frame } from './frame-reader.ts'

export type AnyReply = SideReply | BlockReply

/**
 * Reads a reply, which a hostile model may have written, and holds it against the request.
 *
 * @returns the reply, or null when it is none or, for a block, does not fit the request. It may still be of the wrong kind.
 */
export function readReply({ type, body }: Frame, request: SideRequest | null): AnyReply | null {
  switch (type) {
    case BLOCK_REPLY_FRAME:
      return request?.kind === 'run' ? readBlockReply(body, request.requests) : null
    case JSON_FRAME:
      return parseJson(body)
    default:
      return null
  }
}

function parseJson(body: Buffer): SideReply | null {
  try {
    return SideReply.parse(JSON.parse(body.toString('utf8')))
  } catch {
    return null
  }
}
