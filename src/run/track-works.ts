import type { Log } from './ports.ts'

export interface Works {
  start(key: string, task: () => Promise<void>): void
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>
  stop(): void
}

/** Named pieces of work: each name runs at most once at a time, and once more when it was asked for meanwhile. */
export function trackWorks(log: Log): Works {
  const busy = new Map<string, Promise<void>>()
  const repeat = new Map<string, () => Promise<void>>()
  let stopped = false

  function start(key: string, task: () => Promise<void>): void {
    if (stopped) return
    if (busy.has(key)) {
      repeat.set(key, task)
      return
    }
    const work = task()
      .catch((error: unknown) => log.warn({ key, err: error }, 'work failed; it is tried again'))
      .finally(() => {
        busy.delete(key)
        const next = repeat.get(key)
        repeat.delete(key)
        if (next !== undefined) start(key, next)
      })
    busy.set(key, work)
  }

  async function idle(): Promise<void> {
    while (busy.size > 0) await Promise.all(busy.values())
  }

  function stop(): void {
    stopped = true
    repeat.clear()
  }

  return { start, idle, stop }
}
