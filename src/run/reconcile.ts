import { advanceRun, type ProgressClock } from './advance-run.ts'
import { alignRuns, handleRequest } from './handle-request.ts'
import type { RunDeps } from './ports.ts'
import type { RunRequest } from './run-request.ts'

export interface ReconcilerTimes {
  /** How often everything is looked at again without an event; also the delay before a failed step is retried. */
  readonly passEveryMs: number
  /** How often open pull requests are listed, so that lost webhooks heal. */
  readonly sweepEveryMs: number
}

export const DEFAULT_RECONCILER_TIMES: ReconcilerTimes = { passEveryMs: 15_000, sweepEveryMs: 300_000 }

/** More than any burst; the rest comes with the next scan. */
const REQUESTS_PER_SCAN = 1000

export interface Reconciler {
  /** Something happened: look now. Cheap, never throws. */
  nudge(): void
  /** Looks at everything once and waits until that is done. */
  pass(): Promise<void>
  stop(): Promise<void>
}

/**
 * Brings GitHub in line with what is stored, on events, at start and periodically. Each run, and the requests of each
 * pull request, are worked on one at a time; a slow or failing one holds up no other.
 */
export function startReconciler(deps: RunDeps, times: ReconcilerTimes = DEFAULT_RECONCILER_TIMES): Reconciler {
  const shown: ProgressClock = new Map()
  const works = trackWorks(deps)

  async function scan(): Promise<void> {
    const pending = await deps.store.pendingRequests(REQUESTS_PER_SCAN)
    for (const subject of new Set(pending.map(subjectOf))) {
      works.start(subject, () => handleSubject(deps, subject).then(nudge))
    }
    for (const { id } of await deps.store.liveRuns()) works.start(`run ${id}`, () => advanceRun(deps, id, shown))
  }

  function nudge(): void {
    works.start('scan', scan)
  }

  async function pass(): Promise<void> {
    nudge()
    await works.idle()
  }

  async function stop(): Promise<void> {
    clearInterval(passTimer)
    clearInterval(sweepTimer)
    works.stop()
    await works.idle()
  }

  const passTimer = setInterval(nudge, times.passEveryMs)
  const sweepTimer = setInterval(() => works.start('sweep', () => sweepPulls(deps).then(nudge)), times.sweepEveryMs)
  nudge()
  return { nudge, pass, stop }
}

/** Named pieces of work: each name runs at most once at a time, and once more when it was asked for meanwhile. */
function trackWorks(deps: Pick<RunDeps, 'log'>) {
  const busy = new Map<string, Promise<void>>()
  const repeat = new Set<string>()
  let stopped = false

  function start(key: string, task: () => Promise<void>): void {
    if (stopped) return
    if (busy.has(key)) {
      repeat.add(key)
      return
    }
    const work = task()
      .catch((error: unknown) => deps.log.warn({ key, err: error }, 'step failed; it is tried again'))
      .finally(() => {
        busy.delete(key)
        if (repeat.delete(key)) start(key, task)
      })
    busy.set(key, work)
  }

  async function idle(): Promise<void> {
    while (busy.size > 0) await Promise.all(busy.values())
  }

  function stop(): void {
    stopped = true
  }

  return { start, idle, stop }
}

/** What a request is about. Requests about one subject are handled in order, one at a time. */
function subjectOf(request: RunRequest): string {
  const subject = request.kind === 'rerun' ? request.runId : request.pullRequest
  return `requests ${request.repository.id}/${subject}`
}

/**
 * Handles what is pending about one subject, in order. Pending is read here and not handed in: this may start late, and
 * a request must not be handled twice. "The pull request changed" says only where to look, so of several in a row the
 * last one stands for all.
 */
async function handleSubject(deps: RunDeps, subject: string): Promise<void> {
  const pending = await deps.store.pendingRequests(REQUESTS_PER_SCAN)
  const requests = pending.filter((request) => subjectOf(request) === subject)
  let covered: string[] = []
  for (const [index, request] of requests.entries()) {
    covered.push(request.deliveryId)
    if (request.kind === 'pull_request' && requests[index + 1]?.kind === 'pull_request') continue
    await handleRequest(deps, request)
    await deps.store.finishRequests(covered)
    covered = []
  }
}

/** Looks at the open pull requests of every repository we know, as if each had just sent a webhook. */
export async function sweepPulls(deps: RunDeps): Promise<void> {
  for (const { repository, firstSeenAt } of await deps.store.knownRepositories()) {
    for (const pull of await deps.github.listOpenPulls(repository, firstSeenAt)) {
      const runs = await deps.store.runsOfPull(repository.id, pull.number)
      await alignRuns(deps, repository, pull, runs)
    }
  }
}
