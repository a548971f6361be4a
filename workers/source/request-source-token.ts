import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { redactSecrets } from '#queue/redact-secrets.ts'
import { parseJson } from '#workers/parse-json.ts'

const ANSWER_MAX_BYTES = 64 * 1024
const DEFAULT_TOTAL_MS = 30_000
const DEFAULT_RETRY_DELAYS_MS: readonly number[] = [1000, 3000, 9000]
const REVOKE_TIMEOUT_MS = 2_000

/** What the bot answers with. The token goes into headers, so it must be one word of visible ASCII. */
const SourceTokenAnswer = z.strictObject({
  token: z.string().regex(/^[\x21-\x7e]{1,4000}$/, 'must be one word'),
  apiUrl: z.url({ protocol: /^https?$/ }).max(2000),
  /** Where the token may be sent. http where the bot's own GitHub is reached so; never a local path. */
  cloneUrl: z.url({ protocol: /^https?$/ }).max(2000),
  expiresAt: z.string().max(100)
})

export type SourceToken = { readonly token: string; readonly apiUrl: string; readonly cloneUrl: string }

export type SourceTokenErrorCode = 'job_not_wanted' | 'denied' | 'unreachable' | 'bad_answer' | 'cancelled'

/** The bot gave no token. The message says what to do and holds no secret. */
export class SourceTokenError extends Error {
  override readonly name = 'SourceTokenError'
  readonly code: SourceTokenErrorCode

  constructor(code: SourceTokenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export type RequestSourceTokenOptions = {
  readonly botUrl: string
  readonly workerToken: string
  readonly jobId: string
  readonly signal: AbortSignal
  /** Waits before the second and later attempts. Default 1, 3 and 9 s. */
  readonly retryDelaysMs?: readonly number[]
  /** Limit for all attempts together. Default 30 s. */
  readonly totalMs?: number
}

type Attempt =
  | { readonly kind: 'token'; readonly token: SourceToken }
  | { readonly kind: 'again'; readonly reason: string; readonly cause: unknown }

/**
 * Asks the bot for the token that reads one job's repository, and for the address it is for. Network failures and 5xx
 * answers are tried again, within the limit of all attempts.
 *
 * @throws SourceTokenError `job_not_wanted` (404, 409), `denied` (401, 403), `unreachable`, `bad_answer`, `cancelled`.
 */
export async function requestSourceToken(options: RequestSourceTokenOptions): Promise<SourceToken> {
  const totalMs = options.totalMs ?? DEFAULT_TOTAL_MS
  const timeout = AbortSignal.timeout(totalMs)
  const signal = AbortSignal.any([options.signal, timeout])
  const waitsMs = [0, ...(options.retryDelaysMs ?? DEFAULT_RETRY_DELAYS_MS)]
  let lastReason = `no answer within ${totalMs / 1000} s`
  let lastCause: unknown
  for (const waitMs of waitsMs) {
    if (!(await waitUnlessAborted(waitMs, signal))) break
    const attempt = await attemptRequest(options, signal)
    if (attempt.kind === 'token') return attempt.token
    if (signal.aborted) break
    lastReason = attempt.reason
    lastCause = attempt.cause
  }
  if (options.signal.aborted) {
    throw new SourceTokenError('cancelled', 'Asking for the source token was cancelled. Nothing needs to be done.')
  }
  throw new SourceTokenError(
    'unreachable',
    `The bot at ${describeUrl(options.botUrl)} gave no source token: ${redactSecrets(lastReason, [options.workerToken])}. ` +
      'Check BOT_URL and that the bot is running.',
    { cause: lastCause }
  )
}

async function attemptRequest(options: RequestSourceTokenOptions, signal: AbortSignal): Promise<Attempt> {
  let response: Response
  let body: string | null
  try {
    response = await fetch(joinUrl(options.botUrl, 'worker/source-token'), {
      method: 'POST',
      headers: { authorization: `Bearer ${options.workerToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jobId: options.jobId }),
      redirect: 'manual',
      signal
    })
    body = await readLimited(response, ANSWER_MAX_BYTES)
  } catch (error) {
    return { kind: 'again', reason: describeNetworkError(error), cause: error }
  }
  if (response.status === 429 || response.status >= 500) {
    return { kind: 'again', reason: `it answered ${response.status}`, cause: undefined }
  }
  if (response.status === 200) return { kind: 'token', token: parseAnswer(body, options.botUrl) }
  throw explainRefusal(response.status, options)
}

function explainRefusal(status: number, options: RequestSourceTokenOptions): SourceTokenError {
  if (status === 404 || status === 409) {
    return new SourceTokenError(
      'job_not_wanted',
      `The bot no longer wants job ${options.jobId} (answer ${status}): it was superseded, cancelled or has ended. Drop the job.`
    )
  }
  if (status === 401 || status === 403) {
    return new SourceTokenError(
      'denied',
      `The bot at ${describeUrl(options.botUrl)} refused this worker (answer ${status}). Set the same WORKER_TOKEN on the bot and on the worker.`
    )
  }
  return new SourceTokenError(
    'bad_answer',
    `The bot at ${describeUrl(options.botUrl)} answered ${status} to the request for a source token. Check that BOT_URL is the bot's own address (redirects are not followed) and that both run the same version.`
  )
}

function parseAnswer(body: string | null, botUrl: string): SourceToken {
  const advice = "Check that BOT_URL is the bot's own address and that both run the same version."
  if (body === null) {
    throw new SourceTokenError(
      'bad_answer',
      `The answer of ${describeUrl(botUrl)} is larger than ${ANSWER_MAX_BYTES} bytes. ${advice}`
    )
  }
  const parsed = SourceTokenAnswer.safeParse(parseJson(body))
  if (!parsed.success) {
    // Paths only: the values may be the token.
    const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole answer').join(', ')
    throw new SourceTokenError(
      'bad_answer',
      `The answer of ${describeUrl(botUrl)} has an unexpected form at: ${where}. ${advice}`
    )
  }
  const { token, apiUrl, cloneUrl } = parsed.data
  return { token, apiUrl, cloneUrl }
}

/**
 * Ends a token early. Best effort, for two seconds at most: it expires within an hour anyway, so this never throws.
 *
 * @returns whether GitHub confirmed it.
 */
export async function revokeSourceToken(options: Pick<SourceToken, 'token' | 'apiUrl'>): Promise<boolean> {
  try {
    const response = await fetch(joinUrl(options.apiUrl, 'installation/token'), {
      method: 'DELETE',
      headers: {
        authorization: `Bearer ${options.token}`,
        accept: 'application/vnd.github+json',
        'user-agent': 'tailgate-worker'
      },
      redirect: 'manual',
      signal: AbortSignal.timeout(REVOKE_TIMEOUT_MS)
    })
    await response.body?.cancel()
    return response.status === 204
  } catch {
    return false
  }
}

/** The body as text, or null when it is larger than the limit. */
async function readLimited(response: Response, maxBytes: number): Promise<string | null> {
  if (response.body === null) return ''
  const chunks: Uint8Array[] = []
  let totalBytes = 0
  for await (const chunk of response.body) {
    totalBytes += chunk.byteLength
    if (totalBytes > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function waitUnlessAborted(waitMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(waitMs, undefined, { signal })
    return true
  } catch {
    return false
  }
}

function joinUrl(base: string, path: string): URL {
  return new URL(path, base.endsWith('/') ? base : `${base}/`)
}

/** Host only: an address may carry credentials or keys in its path. */
function describeUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'BOT_URL (not a URL)'
}

/** Node's fetch says only "fetch failed"; what happened is in the cause. */
function describeNetworkError(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed'
  const cause = error.cause instanceof Error ? error.cause.message : ''
  return cause === '' ? error.message : cause
}
