import { advanceRun, type ProgressClock } from './advance-run.ts'
import { alignRuns } from './align-runs.ts'
import { giveUp } from './give-up.ts'
import { handleRequest } from './handle-request.ts'
import type { RunDeps } from './ports.ts'
import type { RepositoryRef } from './run.ts'
import type { RunRequest } from './run-request.ts'
import { trackWorks } from './track-works.ts'

export interface ReconcilerTimes {
  /** How often everything that is due is looked at without an event. */
  readonly passEveryMs: number
  /** How often open pull requests are listed, so that lost webhooks heal; also done once at start. */
  readonly sweepEveryMs: number
}

export const DEFAULT_RECONCILER_TIMES: ReconcilerTimes = { passEveryMs: 5_000, sweepEveryMs: 300_000 }

/** With the longest pause between attempts, about a day. */
const GIVE_UP_AFTER_FAILURES = 100

/**
 * A burst of webhooks is looked at in few scans: the first at once, the next ones at least this far apart. Scanning for
 * each delivery cost twice the processor time of taking it (`npm run bench -- intake`).
 */
const SCAN_GAP_MS = 500

export interface Reconciler {
  /** Something happened: look at everything that is due now. Cheap, never throws. */
  nudge(): void
  /** The job of one run changed: look at that run only. */
  nudgeRun(runId: string): void
  stop(): Promise<void>
}

/**
 * Brings GitHub in line with what is stored, on events, at start and periodically. Each run, and the requests of each
 * repository, are worked on one at a time; a slow or failing one holds up no other, and is tried less and less often.
 */
export function startReconciler(deps: RunDeps, times: ReconcilerTimes = DEFAULT_RECONCILER_TIMES): Reconciler {
  const shown: ProgressClock = new Map()
  const works = trackWorks(deps.log)

  async function scan(): Promise<void> {
    for (const id of await deps.store.repositoriesWithRequests()) {
      works.start(`repository ${id}`, () => handleRequests(deps, id).then(nudge))
    }
    for (const id of await deps.store.dueRuns()) nudgeRun(id)
  }

  async function sweep(): Promise<void> {
    await deps.store.pruneRequests()
    for (const { repository, firstSeenAt } of await deps.store.knownRepositories()) {
      // Under the same name as its requests: a list read before a push must not undo what the push has started.
      works.start(`repository ${repository.id}`, () => sweepRepository(deps, repository, firstSeenAt).then(nudge))
    }
  }

  const nudge = spaceOut(() => works.start('scan', scan), SCAN_GAP_MS)

  function nudgeRun(runId: string): void {
    works.start(`run ${runId}`, () => advanceOrPostpone(deps, runId, shown))
  }

  async function stop(): Promise<void> {
    nudge.cancel()
    clearInterval(passTimer)
    clearInterval(sweepTimer)
    works.stop()
    await works.idle()
  }

  const passTimer = setInterval(nudge, times.passEveryMs)
  const sweepTimer = setInterval(() => works.start('sweep', sweep), times.sweepEveryMs)
  nudge()
  works.start('sweep', sweep)
  return { nudge, nudgeRun, stop }
}

/** Calls at once, and then at most once in every gap; what is asked for within a gap is done at its end. */
function spaceOut(act: () => void, gapMs: number) {
  let timer: NodeJS.Timeout | undefined
  let asked = false
  function ask(): void {
    asked = true
    if (timer !== undefined) return
    asked = false
    act()
    timer = setTimeout(() => {
      timer = undefined
      if (asked) ask()
    }, gapMs)
  }
  return Object.assign(ask, { cancel: () => clearTimeout(timer) })
}

async function advanceOrPostpone(deps: RunDeps, runId: string, shown: ProgressClock): Promise<void> {
  try {
    await advanceRun(deps, runId, shown)
  } catch (error) {
    deps.log.warn({ runId, err: error }, 'a step of this run failed; it is tried again later')
    const failures = await deps.store.postponeRun(runId)
    if (failures >= GIVE_UP_AFTER_FAILURES) await abandonRun(deps, runId)
  }
}

async function abandonRun(deps: RunDeps, runId: string): Promise<void> {
  const run = await deps.store.findRun(runId)
  if (run === null) return
  const next = giveUp(run)
  const meaning = next.kind === 'published' ? 'its check may stay unfinished' : 'its check says so next'
  deps.log.error({ runId, failures: run.failures, step: run.state.kind }, `this run is given up; ${meaning}`)
  await deps.store.advance(runId, run.state.kind, next)
}

/**
 * Handles what is due in one repository, in order. A request that cannot be handled now waits by itself; those behind it
 * go on. "The pull request changed" says only where to look, so of several about one pull request the last one stands
 * for all.
 */
async function handleRequests(deps: RunDeps, repositoryId: number): Promise<void> {
  const requests = await deps.store.pendingRequests(repositoryId)
  const superfluous = findSuperseded(requests)
  await deps.store.finishRequests([...superfluous].map(({ deliveryId }) => deliveryId))
  for (const request of requests) {
    if (superfluous.has(request)) continue
    try {
      await handleRequest(deps, request)
      await deps.store.finishRequests([request.deliveryId])
    } catch (error) {
      const { deliveryId } = request
      deps.log.warn({ deliveryId, repositoryId, err: error }, 'a request could not be handled; it is tried again later')
      await deps.store.postponeRequest(deliveryId)
    }
  }
}

function findSuperseded(requests: readonly RunRequest[]): Set<RunRequest> {
  const last = new Map<number, RunRequest>()
  const superseded = new Set<RunRequest>()
  for (const request of requests) {
    if (request.kind !== 'pull_request') continue
    const earlier = last.get(request.pullRequest)
    if (earlier !== undefined) superseded.add(earlier)
    last.set(request.pullRequest, request)
  }
  return superseded
}

/** Looks at the open pull requests of a repository as if each had just sent a webhook. */
async function sweepRepository(deps: RunDeps, repository: RepositoryRef, since: Date): Promise<void> {
  for (const pull of await deps.github.listOpenPulls(repository, since)) {
    const runs = await deps.store.runsOfPull(repository.id, pull.number)
    await alignRuns(deps, repository, pull, runs)
  }
}
