import type { Handler } from './create-server.ts'

const TEXT = `Tailgate is running.

Webhooks   POST /api/github/webhooks
Health     GET  /healthz
`

/** `/`: tells a person that they are at the right address. Shows nothing of any repository. */
export function createIndexHandler(): Handler {
  return async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/') return false
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(TEXT)
    return true
  }
}
