import { jobId } from '#contracts/benchmark-job.ts'
import type { PullFacts, RunDeps } from './ports.ts'
import { type Cancel, isLive, type RepositoryRef, type Run, type Trigger } from './run.ts'

/** One live run for the current head of an open pull request, none for anything else. */
export async function alignRuns(
  deps: RunDeps,
  repository: RepositoryRef,
  pull: PullFacts,
  runs: readonly Run[]
): Promise<void> {
  if (!pull.open) return cancelLive(deps, runs, { kind: 'closed', reason: 'The pull request was closed.' })
  const reason = `Superseded: the head of the pull request is now ${pull.headSha}.`
  const others = runs.filter((run) => !isOf(run, pull))
  await cancelLive(deps, others, { kind: 'superseded', reason })
  // What a person cancelled stays cancelled until a person asks, or pushes.
  const current = runs.some((run) => isOf(run, pull) && (run.cancel === null || run.cancel.kind === 'person'))
  if (!current) await createRun(deps, repository, pull, 'automatic', null)
}

/** A run that somebody asked for: everything is measured, also when the same head was measured before. */
export async function startFreshAttempt(
  deps: RunDeps,
  repository: RepositoryRef,
  pull: PullFacts,
  runs: readonly Run[],
  request: { readonly trigger: Exclude<Trigger, 'automatic'>; readonly by: string }
): Promise<void> {
  if (!pull.open) return
  const running = runs.some(
    (run) =>
      isLive(run) &&
      run.cancel === null &&
      isOf(run, pull) &&
      // An automatic run leaves out what the change does not touch, and a fork's waits for the approval that this is.
      run.trigger !== 'automatic'
  )
  if (running) return
  await cancelLive(deps, runs, { kind: 'superseded', reason: `Superseded by a run that ${request.by} asked for.` })
  await createRun(deps, repository, pull, request.trigger, request.by)
}

/** Marks live runs as to be stopped, and tells their workers at once: nothing in between may wait for GitHub. */
export async function cancelLive(deps: RunDeps, runs: readonly Run[], cancel: Cancel): Promise<void> {
  for (const run of runs) {
    if (!isLive(run) || run.cancel !== null) continue
    await deps.store.setCancel(run.id, cancel)
    if (run.state.kind !== 'queued') continue
    await deps.queue.requestCancel(jobId(run.id), cancel.reason).catch((error: unknown) => {
      deps.log.warn({ runId: run.id, err: error }, 'the worker could not be told to stop; the next step tells it again')
    })
  }
}

function isOf(run: Run, pull: PullFacts): boolean {
  return run.headSha === pull.headSha && run.baseRef === pull.baseRef
}

async function createRun(
  deps: RunDeps,
  repository: RepositoryRef,
  pull: PullFacts,
  trigger: Trigger,
  approvedBy: string | null
): Promise<void> {
  const { number: pullRequest, headSha, baseRef, fromFork } = pull
  await deps.store.createRun({ repository, pullRequest, headSha, baseRef, trigger, fromFork, approvedBy })
}
