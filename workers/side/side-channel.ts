/**
 * A side's end of its channel. It sleeps in a blocking read until there is a request.
 *
 * Imports nothing but Node's own modules and frames, so that it does not slow a start.
 */
import { readSync, writeSync } from 'node:fs'
import { createInbox, FrameReader, readWholeFrame } from './frame-reader.ts'
import { type Frame, numberFrame } from './frames.ts'

/** Both given by the supervisor, in blocking mode. */
const REQUESTS = 3
const REPLIES = 4

const inbox = createInbox()

/** The next frame, or null when the supervisor has closed the channel. Its body is good until the next call. */
export function receiveFrame(): Frame | null {
  let arrived = readSync(REQUESTS, inbox.bytes)
  const whole = readWholeFrame(inbox, arrived, inbox.bytes.length)
  if (whole !== null) return whole
  const frames = new FrameReader(Number.POSITIVE_INFINITY)
  while (arrived > 0) {
    const read = frames.push(inbox.bytes.subarray(0, arrived))
    if (read.kind === 'frame') return read.frame
    if (read.kind !== 'incomplete') throw new Error('The supervisor sent more than one request.')
    arrived = readSync(REQUESTS, inbox.bytes)
  }
  return null
}

/** What the supervisor sends needs no check: it started us. */
export function parseRequest<Request>({ body }: Frame): Request {
  return JSON.parse(Buffer.from(body).toString('utf8'))
}

/** @param exchange that of the request, or `START_EXCHANGE` */
export function sendFrame(frame: Uint8Array<ArrayBuffer>, exchange: number): void {
  numberFrame(frame, exchange)
  for (let done = 0; done < frame.length; ) done += writeSync(REPLIES, frame, done)
}
