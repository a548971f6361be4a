import { MAX_OUTPUT_FRAME_BYTES } from '#workers/outputs/output-frames.ts'
import { JSON_FRAME, OUTPUTS_REPLY_FRAME } from '#workers/side/frames.ts'
import { SideReply, type SideRequest } from '#workers/side/protocol.ts'
import type { RawReply } from './thread/messages.ts'

/** The outputs of one sample, as workers/outputs/decode-outputs.ts reads them. */
export interface OutputsReply {
  readonly kind: 'outputs'
  readonly body: Uint8Array
}

export type AnyReply = SideReply | OutputsReply
export type ReplyKind = AnyReply['kind']
/** What the supervisor asks for by {@link REPLIES}; blocks and segments have a way of their own, see thread/side-link.ts. */
export type AskedRequest = Exclude<SideRequest, { readonly kind: 'run' | 'segment' }>

interface ExpectedReply {
  readonly kinds: readonly ReplyKind[]
  /** Longest reply that is read, in bytes. */
  readonly maxBytes: number
}

/** The longest honest one is a model's list of inputs. */
const MAX_JSON_BYTES = 262_144

/**
 * Which replies a request may get. A new kind of request needs:
 *
 * 1. in side/protocol.ts: its request in `SideRequest`, and its replies in `SideReply` where they are JSON;
 * 2. in side/loaded-cases.ts: who answers it;
 * 3. here: a line, and `SideProcess.ask` sends it. It goes out as JSON;
 * 4. for a reply that is not JSON: a type of frame with its writer and its check in side/frames.ts, a line in `writeReply`
 *    there, and one in {@link readReply}.
 */
export const REPLIES = {
  start: { kinds: ['ready'], maxBytes: MAX_JSON_BYTES },
  load: { kinds: ['loaded', 'failed'], maxBytes: MAX_JSON_BYTES },
  try: { kinds: ['tried', 'failed'], maxBytes: MAX_JSON_BYTES },
  outputs: { kinds: ['outputs', 'outputs_refused', 'failed'], maxBytes: MAX_OUTPUT_FRAME_BYTES },
  graph: { kinds: ['graph'], maxBytes: MAX_JSON_BYTES },
  profile: { kinds: ['profiled', 'failed'], maxBytes: MAX_JSON_BYTES }
} as const satisfies Readonly<Record<'start' | AskedRequest['kind'], ExpectedReply>>

export type Question = keyof typeof REPLIES
export type ReplyTo<Kind extends Question> = Extract<AnyReply, { kind: (typeof REPLIES)[Kind]['kinds'][number] }>

/**
 * Reads a reply, which a hostile model may have written.
 *
 * @returns the reply, or null when it is none. It may still be of a kind that the request does not get.
 */
export function readReply({ type, body }: RawReply): AnyReply | null {
  switch (type) {
    case JSON_FRAME:
      return parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
    case OUTPUTS_REPLY_FRAME:
      return { kind: 'outputs', body }
    default:
      return null
  }
}

export function isReplyTo<Kind extends Question>(question: Kind, reply: AnyReply): reply is ReplyTo<Kind> {
  return REPLIES[question].kinds.some((kind) => kind === reply.kind)
}

function parseJson(body: Buffer): SideReply | null {
  try {
    return SideReply.parse(JSON.parse(body.toString('utf8')))
  } catch {
    return null
  }
}
