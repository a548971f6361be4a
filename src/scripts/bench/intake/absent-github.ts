import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

export interface AbsentGithub {
  /** `127.0.0.1:4000` */
  readonly host: string
  stop(): Promise<void>
}

const TOKEN_LIFE_MS = 3_600_000

/**
 * A GitHub that gives out installation tokens and otherwise has nothing: no pull request is found, so every stored
 * request ends there. It answers at once, which real GitHub does not: the bot's reconciler is as busy as it can be.
 */
export async function startAbsentGithub(): Promise<AbsentGithub> {
  const server = createServer((request, response) => {
    request.resume()
    if (request.url?.endsWith('/access_tokens')) {
      const expiresAt = new Date(Date.now() + TOKEN_LIFE_MS).toISOString()
      answer(response, 201, { token: 'ghs_bench', expires_at: expiresAt, permissions: {}, repository_selection: 'all' })
    } else {
      answer(response, 404, { message: 'Not Found' })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The stand-in for GitHub has no port.')
  return {
    host: `127.0.0.1:${address.port}`,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
