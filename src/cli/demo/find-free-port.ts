import { once } from 'node:events'
import { createServer } from 'node:net'

/** A free port on loopback. For servers whose address must be known before they start. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('No free port was found on 127.0.0.1.')
  return address.port
}
