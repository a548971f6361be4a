import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Probot } from 'probot'
import { type Handler, sendJson } from './create-server.ts'
import { readBody } from './read-body.ts'

export const WEBHOOK_PATH = '/api/github/webhooks'

/** GitHub's own cap on a payload. */
export const WEBHOOK_BODY_MAX_BYTES = 25 * 1024 * 1024

/**
 * Probot's webhook middleware behind a size limit: on its own it reads a body of any size before it looks at the
 * signature.
 */
export async function createWebhookHandler(probot: Probot): Promise<Handler> {
  const middleware = await probot.getNodeMiddleware({ path: WEBHOOK_PATH })
  return async (request, response) => {
    if (request.method !== 'POST' || request.url?.split('?')[0] !== WEBHOOK_PATH) return false
    const body = await readBody(request, WEBHOOK_BODY_MAX_BYTES)
    if (!body.ok) return refuseBody(request, response)
    // The middleware takes a body that was read already as a string property.
    const handled = await middleware(Object.assign(request, { body: body.bytes.toString('utf8') }), response)
    return handled
  }
}

function refuseBody(request: IncomingMessage, response: ServerResponse): true {
  response.setHeader('connection', 'close')
  sendJson(response, 413, { error: `The body is larger than ${WEBHOOK_BODY_MAX_BYTES} bytes.` })
  response.once('finish', () => request.destroy())
  return true
}
