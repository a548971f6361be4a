import { type Handler, sendJson } from './create-server.ts'

export interface HealthDeps {
  /** Rejects when the database does not answer. */
  readonly pingDatabase: () => Promise<void>
}

/** `/healthz`: 200 while the process serves and its database answers, 503 otherwise. */
export function createHealthHandler(deps: HealthDeps): Handler {
  return async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/healthz') return false
    const database = await deps.pingDatabase().then(
      () => 'ok',
      () => 'unreachable'
    )
    sendJson(response, database === 'ok' ? 200 : 503, { status: database === 'ok' ? 'ok' : 'unhealthy', database })
    return true
  }
}
