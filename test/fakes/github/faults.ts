import { setTimeout as sleep } from 'node:timers/promises'

/** Answers matching requests with `status` instead of handling them. */
export interface Fault {
  readonly method?: string
  /** Matched against path and query, e.g. `/\/check-runs$/`. */
  readonly path: RegExp
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** How many requests fail; once when absent. */
  readonly times?: number
}

/** Lets matching requests wait before they are handled. */
export interface Delay {
  readonly method?: string
  readonly path: RegExp
  readonly ms: number
  readonly times?: number
}

interface Armed<T> {
  readonly rule: T
  remaining: number
}

export interface Faults {
  readonly fail: (fault: Fault) => void
  readonly delay: (delay: Delay) => void
  /** Waits where a delay says so, then gives the fault to answer with, if any. */
  readonly apply: (method: string, url: string) => Promise<Fault | undefined>
  readonly clear: () => void
  readonly close: () => void
}

function take<T extends Fault | Delay>(armed: readonly Armed<T>[], method: string, url: string): T | undefined {
  const match = armed.find(
    ({ rule, remaining }) =>
      // `search` ignores the lastIndex that `test` leaves behind in a global expression.
      remaining > 0 && (rule.method === undefined || rule.method === method) && url.search(rule.path) !== -1
  )
  if (match === undefined) return undefined
  match.remaining -= 1
  return match.rule
}

export function createFaults(): Faults {
  const failing: Armed<Fault>[] = []
  const slow: Armed<Delay>[] = []
  const closing = new AbortController()
  return {
    fail: (rule) => failing.push({ rule, remaining: rule.times ?? 1 }),
    delay: (rule) => slow.push({ rule, remaining: rule.times ?? 1 }),
    apply: async (method, url) => {
      const delay = take(slow, method, url)
      if (delay !== undefined) {
        // Closing the server ends the wait.
        await sleep(delay.ms, undefined, { signal: closing.signal }).catch(() => undefined)
      }
      return take(failing, method, url)
    },
    clear: () => {
      failing.length = 0
      slow.length = 0
    },
    close: () => closing.abort()
  }
}
