/**
 * The process that loads the models of one side. It is started by the supervisor, talks over file descriptor 3 (see
 * protocol.ts) and does nothing between two requests: it sleeps in a blocking read. That wakes up sooner than an event
 * loop, and nothing of this process (its garbage collector's tasks, for one) can run while the other side measures.
 *
 * It imports onnxruntime-node, Node and types only, to start fast and to have nothing worth stealing in it.
 */
import { readSync, writeSync } from 'node:fs'
import {
  BLOCK_REQUEST_FRAME,
  FRAME_HEADER_BYTES,
  readBlockRequest,
  readFrameHeader,
  writeBlockReply,
  writeJsonFrame
} from './frames.ts'
import { createSideHandler } from './loaded-cases.ts'
import type { BlockReply, SideReply, SideRequest } from './protocol.ts'

/** Given by the supervisor, in blocking mode. */
const CHANNEL = 3
const EXIT_FAILED = 70

/** The next request, or null when the supervisor has closed the channel. What it sends needs no check: it started us. */
function receive(): SideRequest | null {
  const header = readBytes(FRAME_HEADER_BYTES)
  if (header === null) return null
  const { type, bodyBytes } = readFrameHeader(header)
  const body = readBytes(bodyBytes)
  if (body === null) return null
  return type === BLOCK_REQUEST_FRAME ? readBlockRequest(body) : JSON.parse(body.toString('utf8'))
}

function readBytes(length: number): Buffer | null {
  const bytes = Buffer.allocUnsafe(length)
  for (let done = 0; done < length; ) {
    const read = readSync(CHANNEL, bytes, done, length - done, null)
    if (read === 0) return null
    done += read
  }
  return bytes
}

function send(reply: SideReply | BlockReply): void {
  const frame = reply.kind === 'ran' ? writeBlockReply(reply) : writeJsonFrame(reply)
  for (let done = 0; done < frame.length; ) done += writeSync(CHANNEL, frame, done)
}

function isChannelClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET')
}

try {
  const handle = createSideHandler()
  send({ kind: 'ready' })
  for (let request = receive(); request !== null; request = receive()) send(await handle(request))
} catch (error) {
  if (isChannelClosed(error)) process.exit(0)
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(EXIT_FAILED)
}
process.exit(0)
