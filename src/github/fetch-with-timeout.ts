/** GitHub answers in well under this, or not at all. */
const REQUEST_TIMEOUT_MS = 30_000

/** `fetch` that gives up: a hanging answer must not hold a run for ever. */
export function fetchWithTimeout(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout
  return fetch(input, { ...init, signal })
}
