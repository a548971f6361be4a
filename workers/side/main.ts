/**
 * The process that loads the models of one side. It is started by the supervisor, talks over file descriptor 3 (see
 * protocol.ts) and does nothing between two requests: it waits for the socket.
 *
 * It imports onnxruntime-node, Node and types only, to start fast and to have nothing worth stealing in it.
 */
import { Socket } from 'node:net'
import { createSideHandler } from './loaded-cases.ts'
import type { SideReply, SideRequest } from './protocol.ts'

const socket = new Socket({ fd: 3, readable: true, writable: true })
const handle = createSideHandler()
let received = ''

function send(reply: SideReply): void {
  socket.write(`${JSON.stringify(reply)}\n`)
}

async function answer(line: string): Promise<void> {
  // The supervisor started this process and owns the other end: what it sends needs no check.
  const request: SideRequest = JSON.parse(line)
  send(await handle(request))
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(70)
}

socket.setEncoding('utf8')
socket.on('data', (chunk: string) => {
  received += chunk
  const lines = received.split('\n')
  received = lines.pop() ?? ''
  for (const line of lines) answer(line).catch(fail)
})
socket.on('close', () => process.exit(0))
socket.on('error', () => process.exit(0))
send({ kind: 'ready' })
