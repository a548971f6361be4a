/**
 * The process that loads the models of one side. It is started by the supervisor, talks over file descriptors 3 and 4 (see
 * protocol.ts) and does nothing between two requests: it sleeps in a blocking read. That wakes up sooner than an event
 * loop, and nothing of this process (its garbage collector's tasks, for one) can run while the other side measures.
 *
 * It imports onnxruntime-node, Node and types only, to start fast and to have nothing worth stealing in it.
 */
import { readSync, writeSync } from 'node:fs'
import { createInbox, FrameReader, readWholeFrame } from './frame-reader.ts'
import { BLOCK_REQUEST_FRAME, type Frame, numberFrame, readBlockRequest, START_EXCHANGE, writeReply } from './frames.ts'
import { createSideHandler } from './loaded-cases.ts'
import type { BlockReply, SideReply, SideRequest } from './protocol.ts'

/** Both given by the supervisor, in blocking mode. */
const REQUESTS = 3
const REPLIES = 4
const EXIT_FAILED = 70

const inbox = createInbox()

/** The next frame, or null when the supervisor has closed the channel. */
function receive(): Frame | null {
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
function readRequest({ type, body }: Frame): SideRequest {
  return type === BLOCK_REQUEST_FRAME ? readBlockRequest(body) : JSON.parse(Buffer.from(body).toString('utf8'))
}

function send(reply: SideReply | BlockReply, exchange: number): void {
  const frame = numberFrame(writeReply(reply), exchange)
  for (let done = 0; done < frame.length; ) done += writeSync(REPLIES, frame, done)
}

function isChannelClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}

try {
  const handle = createSideHandler()
  send({ kind: 'ready' }, START_EXCHANGE)
  for (let frame = receive(); frame !== null; frame = receive()) send(await handle(readRequest(frame)), frame.exchange)
} catch (error) {
  if (isChannelClosed(error)) process.exit(0)
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(EXIT_FAILED)
}
process.exit(0)
