import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Probot } from 'probot'
import { type Handler, sendJson } from './create-server.ts'
import { readBody } from './read-body.ts'

export const WEBHOOK_PATH = '/api/github/webhooks'

/** GitHub's own cap on a payload. */
export const WEBHOOK_BODY_MAX_BYTES = 25 * 1024 * 1024

/** How long a client may go on sending a body that was refused. */
const REFUSED_BODY_MS = 2000

/**
 * Probot's webhook middleware behind a size limit: on its own it reads a body of any size before it looks at the
 * signature.
 */
export async function createWebhookHandler(probot: Probot): Promise<Handler> {
  const middleware = await probot.getNodeMiddleware({ path: WEBHOOK_PATH })
  return async (request, response) => {
    if (request.method !== 'POST' || request.url?.split('?')[0] !== WEBHOOK_PATH) return false
    const problem = findHeaderProblem(request)
    if (problem !== null) return refuse(response, problem)
    const body = await readBody(request, WEBHOOK_BODY_MAX_BYTES)
    if (!body.ok) return refuseBody(request, response)
    if (isJson(request) && !startsObject(body.bytes)) return refuse(response, 'The body must be a JSON object.')
    // The middleware takes a body that was read already as a string property.
    const handled = await middleware(Object.assign(request, { body: body.bytes.toString('utf8') }), response)
    return handled
  }
}

/** GitHub's event names and delivery ids; the middleware takes `__proto__` and `*` for events too. */
const EVENT_NAME = /^[a-z][a-z_]{0,99}$/
const DELIVERY_ID = /^[\w-]{1,100}$/

/** Missing headers and the content type are the middleware's to refuse. */
function findHeaderProblem({ headers }: IncomingMessage): string | null {
  const { 'x-github-event': event, 'x-github-delivery': delivery } = headers
  if (event !== undefined && !EVENT_NAME.test(String(event))) return 'X-GitHub-Event is not the name of an event.'
  if (delivery !== undefined && !DELIVERY_ID.test(String(delivery))) return 'X-GitHub-Delivery is not a delivery id.'
  return null
}

function isJson({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.startsWith('application/json') === true
}

function startsObject(bytes: Buffer): boolean {
  return /^\s*\{/.test(bytes.toString('latin1', 0, 100))
}

function refuse(response: ServerResponse, error: string): true {
  sendJson(response, 400, { error })
  return true
}

/** Reads on for a moment: closing a connection while the client sends would take the answer away from it. */
function refuseBody(request: IncomingMessage, response: ServerResponse): true {
  response.setHeader('connection', 'close')
  sendJson(response, 413, { error: `The body is larger than ${WEBHOOK_BODY_MAX_BYTES} bytes.` })
  request.resume()
  const timer = setTimeout(() => request.destroy(), REFUSED_BODY_MS)
  request.once('close', () => clearTimeout(timer))
  return true
}
