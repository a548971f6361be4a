import type { Side } from '#contracts/identifiers.ts'
import type { Cores } from '#workers/device/choose-cores.ts'
import type { BlockRun, CaseToMeasure, MeasuredCase } from '#workers/measure/measure-case.ts'
import type { MeasuredRequests } from '#workers/measure/measured-requests.ts'
import type { ChannelEnd } from '#workers/measure/open-channel.ts'
import type { Board } from './board.ts'

/** What the measuring thread is started with. */
export interface ThreadStart {
  readonly cores: Cores
  readonly board: Pick<Board, 'memory' | 'epochMs'>
}

/** What the measuring thread is asked for. One answer each, in their order. */
export type ThreadCommand =
  /** Waits until a side says that it is ready. */
  | { readonly kind: 'start'; readonly side: Side; readonly channel: ChannelEnd; readonly limits: ReplyLimits }
  /** Sends a request as it is in `frame`, and returns the reply as it came. */
  | {
      readonly kind: 'exchange'
      readonly side: Side
      readonly frame: Uint8Array<ArrayBuffer>
      readonly limits: ReplyLimits
    }
  | { readonly kind: 'run'; readonly side: Side; readonly block: BlockRun }
  /** `seed` is that of the order of the blocks. */
  | { readonly kind: 'measure'; readonly toMeasure: CaseToMeasure; readonly seed: number }

export interface ReplyLimits {
  readonly timeoutMs: number
  readonly maxReplyBytes: number
}

/** A reply that came in time, is not too long and belongs to the request. What is in it may still be anything. */
export interface RawReply {
  readonly type: number
  readonly body: Uint8Array<ArrayBuffer>
}

export type ThreadAnswer =
  | { readonly kind: 'reply'; readonly reply: RawReply }
  | { readonly kind: 'ran'; readonly measured: MeasuredRequests }
  | { readonly kind: 'measured'; readonly measured: MeasuredCase }
  /** The side sent `what` and cannot be trusted any more. */
  | { readonly kind: 'refused'; readonly side: Side; readonly what: string }
  /** The side answered a block with something else. */
  | { readonly kind: 'no_block'; readonly side: Side; readonly reply: RawReply }
  /** The supervisor has given the side up, and knows why. */
  | { readonly kind: 'given_up'; readonly side: Side }
