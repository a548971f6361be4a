import { readSync, writeSync } from 'node:fs'
import type { Side } from '#contracts/identifiers.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { segmentBlock } from '#workers/load/segment-block.ts'
import { decodeSegmentReply, type SegmentRequest, segmentReplyBytes } from '#workers/load/segment-frames.ts'
import { seriesReplyBytes } from '#workers/load/series-frames.ts'
import { asSeriesRequest, type BlockShape, readSeriesBlock } from '#workers/measure/block-shape.ts'
import type { BlockRun, TimedBlock } from '#workers/measure/measure-case.ts'
import { fitsIntoWallTime, type MeasuredRequests } from '#workers/measure/measured-requests.ts'
import type { ChannelEnd } from '#workers/measure/open-channel.ts'
import { createInbox, FrameReader, readWholeFrame } from '#workers/side/frame-reader.ts'
import {
  BLOCK_REPLY_FRAME,
  blockReplyBytes,
  type Frame,
  MAX_BLOCK_REQUESTS,
  numberFrame,
  readBlockReply,
  SEGMENT_REPLY_FRAME,
  SERIES_REPLY_FRAME,
  START_EXCHANGE,
  writeBlockRequest,
  writeJsonFrame
} from '#workers/side/frames.ts'
import type { Board } from './board.ts'
import type { ReplyLimits } from './messages.ts'

const EXCHANGES = 2 ** 32 - 1

/** The side sent `what`. */
export class ReplyRefusedError extends Error {
  override readonly name = 'ReplyRefusedError'
  readonly code = 'reply_refused'
  readonly side: Side

  constructor(side: Side, what: string) {
    super(what)
    this.side = side
  }
}

/** The side answered a block with a frame of another type. */
export class NoBlockError extends Error {
  override readonly name = 'NoBlockError'
  readonly code = 'no_block'
  readonly side: Side
  readonly frame: Frame

  constructor(side: Side, frame: Frame) {
    super('A block was answered with something else.')
    this.side = side
    this.frame = frame
  }
}

/** The supervisor has given the side up. */
export class SideGivenUpError extends Error {
  override readonly name = 'SideGivenUpError'
  readonly code = 'side_given_up'
  readonly side: Side

  constructor(side: Side) {
    super('The side was given up.')
    this.side = side
  }
}

/** A block as it came, to be read when there is time. */
export interface RawBlock extends TimedBlock {
  readonly requests: number
  readonly shape: BlockShape
  /** Requests of the case that this process had been sent before. */
  readonly sentBefore: number
  readonly body: Uint8Array
}

interface Exchanged {
  readonly frame: Frame
  readonly startMs: number
  readonly endMs: number
}

export interface SegmentTerms {
  readonly timeoutMs: number
  /** Of the scenario: no answer may come from another one. */
  readonly instances: number
}

const MAX_BLOCK_REPLY_BYTES = blockReplyBytes(MAX_BLOCK_REQUESTS)

/**
 * The measuring thread's way to one side. Nothing here is asynchronous: it sleeps in a read until the side has answered.
 * Every method may throw the errors above, after which the side is of no more use.
 */
export class SideLink {
  readonly #side: Side
  readonly #channel: ChannelEnd
  readonly #board: Board
  readonly #inbox = createInbox()
  /** Requests of each case so far. */
  readonly #sent = new Map<number, number>()

  constructor(side: Side, channel: ChannelEnd, board: Board) {
    this.#side = side
    this.#channel = channel
    this.#board = board
  }

  /** Waits for what a side says unasked when it has started. */
  awaitStart({ timeoutMs, maxReplyBytes }: ReplyLimits): Frame {
    return this.#exchange(null, timeoutMs, maxReplyBytes).frame
  }

  /** Sends a request and waits for its reply. */
  exchange(request: Uint8Array<ArrayBuffer>, { timeoutMs, maxReplyBytes }: ReplyLimits): Frame {
    return this.#exchange(request, timeoutMs, maxReplyBytes).frame
  }

  /** `requests` requests back to back. Their time by our clock runs from just before asking until all had arrived. */
  run({ caseIndex, requests, timeoutMs, shape }: BlockRun): RawBlock {
    const request = writeBlockRequest({ caseIndex, requests })
    const { frame, startMs, endMs } = this.#exchange(request, timeoutMs, maxReplyBytes(shape, requests))
    if (frame.type !== (shape.kind === 'plain' ? BLOCK_REPLY_FRAME : SERIES_REPLY_FRAME)) {
      throw new NoBlockError(this.#side, frame)
    }
    const sentBefore = this.#sent.get(caseIndex) ?? 0
    this.#sent.set(caseIndex, sentBefore + requests)
    return { startMs, wallNs: wallOf(startMs, endMs), requests, shape, sentBefore, body: frame.body.slice() }
  }

  /** Not part of {@link run}, so that nothing of it falls between two blocks. */
  readBlock(block: RawBlock): MeasuredRequests {
    if (block.shape.kind !== 'plain') return this.#readSeries(block)
    const { wallNs, requests, body } = block
    const reply = readBlockReply(body, requests)
    if (reply === null) throw this.#refuse('something that is not a reply')
    if (!fitsIntoWallTime(reply, wallNs)) throw this.#refuse('latencies longer than the time that went by')
    return { wallNs, latenciesNs: reply.latenciesNs, errors: reply.errors }
  }

  #readSeries(block: RawBlock): MeasuredRequests {
    const measured = readSeriesBlock(block)
    if (measured === null) throw this.#refuse('something that is not a reply')
    return measured
  }

  /** One segment of an open loop. Its time by our clock runs from just before asking until the answer was there. */
  runSegment(request: SegmentRequest, { timeoutMs, instances }: SegmentTerms): MeasuredRequests & TimedBlock {
    const exchanged = this.#exchange(writeJsonFrame(request), timeoutMs, segmentReplyBytes(request.plan))
    const { frame, startMs, endMs } = exchanged
    if (frame.type !== SEGMENT_REPLY_FRAME) throw new NoBlockError(this.#side, frame)
    const wallNs = wallOf(startMs, endMs)
    const reply = decodeSegmentReply(frame.body, request, { instances, wallNs })
    if (!reply.ok) throw this.#refuse(reply.message)
    return { startMs, wallNs, ...segmentBlock(request.plan, reply) }
  }

  #exchange(request: Uint8Array<ArrayBuffer> | null, timeoutMs: number, maxReplyBytes: number): Exchanged {
    const exchange = request === null ? START_EXCHANGE : drawExchange()
    if (request !== null) numberFrame(request, exchange)
    const startMs = performance.now()
    this.#board.startWaiting(this.#side, startMs, timeoutMs)
    if (request !== null) this.#send(request)
    const arrived = this.#receive()
    const endMs = performance.now()
    const whole = readWholeFrame(this.#inbox, arrived, maxReplyBytes)
    const exchanged =
      whole === null ? this.#receiveRest(startMs, arrived, maxReplyBytes) : { frame: whole, startMs, endMs }
    if (exchanged.frame.exchange !== exchange) throw this.#refuse('something that was not asked for')
    return exchanged
  }

  /** A side that no longer reads is about to end, or will not answer in time. */
  #send(request: Uint8Array): void {
    try {
      for (let done = 0; done < request.length; ) done += writeSync(this.#channel.writeFd, request, done)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
    }
  }

  /** Waits for what the side sends next. Returns how many bytes are in the inbox. */
  #receive(): number {
    if (this.#board.isGivenUp(this.#side)) throw new SideGivenUpError(this.#side)
    const arrived = readSync(this.#channel.readFd, this.#inbox.bytes)
    // The supervisor keeps the pipe open: it ends only for a thread that has been forgotten.
    if (arrived === 0 || this.#board.isGivenUp(this.#side)) throw new SideGivenUpError(this.#side)
    return arrived
  }

  /** For a reply that is not whole with its first piece, or not as it should be. */
  #receiveRest(startMs: number, firstArrived: number, maxReplyBytes: number): Exchanged {
    const reader = new FrameReader(maxReplyBytes)
    let read = reader.push(this.#inbox.bytes.subarray(0, firstArrived))
    let endMs = performance.now()
    while (read.kind === 'incomplete') {
      const arrived = this.#receive()
      endMs = performance.now()
      read = reader.push(this.#inbox.bytes.subarray(0, arrived))
    }
    if (read.kind === 'frame') return { frame: read.frame, startMs, endMs }
    throw this.#refuse(read.kind === 'surplus' ? 'something that was not asked for' : 'a reply that is too long')
  }

  #refuse(what: string): ReplyRefusedError {
    return new ReplyRefusedError(this.#side, what)
  }
}

function maxReplyBytes(shape: BlockShape, requests: number): number {
  return shape.kind === 'plain' ? MAX_BLOCK_REPLY_BYTES : seriesReplyBytes(asSeriesRequest(shape, requests))
}

function wallOf(startMs: number, endMs: number): number {
  return Math.max(1, Math.round((endMs - startMs) * NS_PER_MS))
}

/** Not one that a side could guess and answer before it is asked. */
function drawExchange(): number {
  return 1 + Math.floor(Math.random() * EXCHANGES)
}
