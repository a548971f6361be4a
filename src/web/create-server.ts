import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** Answers a request, or returns false so that the next handler may. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

export interface ServerDeps {
  /** Tried in order; the first that answers wins. */
  readonly handlers: readonly Handler[]
  readonly failed: (error: unknown) => void
}

/** A client has this long to send its whole request; GitHub's take milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000

/** The bot's HTTP server: a chain of handlers, 404 at its end, 500 when one throws. */
export function createHttpServer(deps: ServerDeps): Server {
  const server = createServer((request, response) => void answer(deps, request, response))
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.headersTimeout = REQUEST_TIMEOUT_MS
  return server
}

async function answer(deps: ServerDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    for (const handler of deps.handlers) if (await handler(request, response)) return
    sendJson(response, 404, { error: 'There is nothing at this address.' })
  } catch (error) {
    // The client went away while it was sending: nobody is left to answer, and nothing is wrong here.
    if (!request.complete && request.destroyed) return
    deps.failed(error)
    if (!response.headersSent) sendJson(response, 500, { error: 'Something went wrong here; see the log of the bot.' })
  }
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
