/**
 * The process that loads the models of one side. It is started by the supervisor, talks over file descriptors 3 and 4 (see
 * protocol.ts) and does nothing between two requests: it sleeps in a blocking read. That wakes up sooner than an event
 * loop, and nothing of this process (its garbage collector's tasks, for one) can run while the other side measures.
 *
 * It imports onnxruntime-node, Node and types only, to start fast and to have nothing worth stealing in it.
 */
import { BLOCK_REQUEST_FRAME, type Frame, readBlockRequest, START_EXCHANGE, writeReply } from './frames.ts'
import { createSideHandler } from './loaded-cases.ts'
import type { SideRequest } from './protocol.ts'
import { parseRequest, receiveFrame, sendFrame } from './side-channel.ts'

const EXIT_FAILED = 70

function readRequest(frame: Frame): SideRequest {
  return frame.type === BLOCK_REQUEST_FRAME ? readBlockRequest(frame.body) : parseRequest(frame)
}

function isChannelClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}

try {
  const handle = createSideHandler()
  sendFrame(writeReply({ kind: 'ready' }), START_EXCHANGE)
  for (let frame = receiveFrame(); frame !== null; frame = receiveFrame()) {
    sendFrame(writeReply(await handle(readRequest(frame))), frame.exchange)
  }
} catch (error) {
  if (isChannelClosed(error)) process.exit(0)
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(EXIT_FAILED)
}
process.exit(0)
