import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Run } from '#src/run/run.ts'
import { type Handler, sendJson } from './create-server.ts'
import { readBody } from './read-body.ts'

export const SOURCE_TOKEN_PATH = '/worker/source-token'

const SourceTokenRequest = z.strictObject({ jobId: z.string().regex(/^[\w-]{1,200}$/) })

export interface SourceTokenDeps {
  readonly workerToken: string
  readonly apiUrl: string
  /** The run that a job belongs to; null when there is none. */
  readonly findRunOfJob: (jobId: string) => Promise<Run | null>
  readonly cloneUrl: (run: Run) => string
  readonly mint: (run: Run) => Promise<{ readonly token: string; readonly expiresAt: string }>
}

/**
 * Where a worker gets the token for its fetch step: one repository, contents only, and only while its job is wanted.
 * The queue never carries a token.
 */
export function createSourceTokenHandler(deps: SourceTokenDeps): Handler {
  return async (request, response) => {
    if (request.method !== 'POST' || request.url !== SOURCE_TOKEN_PATH) return false
    if (!isAuthorised(request, deps.workerToken)) {
      sendJson(response, 401, { error: 'The worker token is missing or wrong; set WORKER_TOKEN as on the bot.' })
      return true
    }
    await answerWorker(deps, request, response)
    return true
  }
}

async function answerWorker(deps: SourceTokenDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, 10_000)
  const asked = body.ok ? SourceTokenRequest.safeParse(parseJson(body.bytes)) : null
  if (asked === null || !asked.success) {
    sendJson(response, 400, { error: 'The body must be {"jobId": "…"}.' })
    return
  }
  const run = await deps.findRunOfJob(asked.data.jobId)
  if (run === null) {
    sendJson(response, 404, { error: `There is no job ${JSON.stringify(asked.data.jobId)}.` })
    return
  }
  if (run.state.kind !== 'queued' || run.cancel !== null) {
    sendJson(response, 409, { error: 'The result of this job is no longer wanted.' })
    return
  }
  const { token, expiresAt } = await deps.mint(run)
  // The address comes with the token, so that what stands in the queue cannot send the token elsewhere.
  sendJson(response, 200, { token, expiresAt, apiUrl: deps.apiUrl, cloneUrl: deps.cloneUrl(run) })
}

function isAuthorised(request: IncomingMessage, workerToken: string): boolean {
  const given = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(workerToken))
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
