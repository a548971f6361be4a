import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BodyResult, readBody } from '#src/web/read-body.ts'

const MAX_BYTES = 100_000
const HEAD = 'POST / HTTP/1.1\r\nhost: test\r\n'

let server: Server
let outcome: Promise<BodyResult>

beforeEach(async () => {
  const read = Promise.withResolvers<BodyResult>()
  outcome = read.promise
  server = createServer((request, response) => {
    readBody(request, MAX_BYTES).then(read.resolve, read.reject)
    outcome.then(
      () => response.end(),
      () => response.destroy()
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function send(...pieces: readonly string[]) {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.')
  const socket = connect(address.port, '127.0.0.1')
  socket.on('error', () => undefined)
  for (const piece of pieces) socket.write(piece)
  return socket
}

function chunked(...pieces: readonly string[]): string {
  return `transfer-encoding: chunked\r\n\r\n${pieces.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('')}`
}

describe('readBody', () => {
  test('a body in pieces is whole', async () => {
    send(HEAD, chunked('one ', 'two ', 'three'), '0\r\n\r\n')

    expect(await outcome).toEqual({ ok: true, bytes: Buffer.from('one two three') })
  })

  test('a body of exactly the limit is taken', async () => {
    send(HEAD, `content-length: ${MAX_BYTES}\r\n\r\n`, 'x'.repeat(MAX_BYTES))

    expect(await outcome).toMatchObject({ ok: true, bytes: { length: MAX_BYTES } })
  })

  test('a stated length over the limit is refused before anything is sent', async () => {
    send(HEAD, `content-length: ${MAX_BYTES + 1}\r\n\r\n`)

    expect(await outcome).toEqual({ ok: false })
  })

  test('a body that grows past the limit without stating its length is refused before its end', async () => {
    send(HEAD, chunked('x'.repeat(MAX_BYTES), 'y'))

    expect(await outcome).toEqual({ ok: false })
  })

  test('a client that goes away in the middle rejects', async () => {
    const socket = send(HEAD, 'content-length: 10\r\n\r\n', 'half')
    await once(server, 'request')
    socket.destroy()

    await expect(outcome).rejects.toThrow(/aborted/)
  })
})
