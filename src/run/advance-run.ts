import { jobId } from '#contracts/benchmark-job.ts'
import type { Outcome } from '#src/report/outcome.ts'
import { renderPending, renderProgress } from '#src/report/render-progress.ts'
import { decideStep, type Step } from './decide-step.ts'
import { judgeResult } from './judge-result.ts'
import type { JobState, RunDeps } from './ports.ts'
import { publishRun } from './publish-run.ts'
import type { Run, RunState } from './run.ts'
import { enqueueRun, startRun } from './start-run.ts'

/** Progress is shown at most this often: GitHub counts content writes against the installation. */
const PROGRESS_INTERVAL_MS = 15_000

/** When the progress of each run was last shown. Lost with the process, which costs one extra write. */
export type ProgressClock = Map<string, number>

/**
 * Takes a run as far as it can go now: until it waits for a worker or is published. Every step can be repeated, so a
 * process killed between two of them continues here after its restart.
 */
export async function advanceRun(deps: RunDeps, runId: string, shown: ProgressClock): Promise<void> {
  for (;;) {
    const run = await deps.store.findRun(runId)
    if (run === null) return
    const job = await readJob(deps, run)
    const step = decideStep(run, job, deps.now())
    if (step.kind === 'done') {
      shown.delete(runId)
      return
    }
    if (step.kind === 'wait') return
    const checkRunId = run.checkRunId ?? (await ensureCheck(deps, run))
    if (step.kind === 'show_progress') return showProgress(deps, run, checkRunId, step, shown)
    const moved = await takeStep(deps, run, checkRunId, step)
    if (!moved) return
  }
}

async function readJob(deps: RunDeps, run: Run): Promise<JobState> {
  return run.state.kind === 'queued' ? deps.queue.state(jobId(run.id)) : { kind: 'unknown' }
}

/** Our check run for this run, found again by its external id when a crash came between creating and storing it. */
async function ensureCheck(deps: RunDeps, run: Run): Promise<number> {
  const { repository, headSha, id } = run
  const checkRunId =
    (await deps.github.findCheck(repository, headSha, id)) ??
    (await deps.github.createCheck(repository, headSha, id, renderPending('Reading the configuration')))
  await deps.store.setCheckRun(id, checkRunId)
  return checkRunId
}

/** Returns whether to look at the run again at once. */
async function takeStep(
  deps: RunDeps,
  run: Run,
  checkRunId: number,
  step: Exclude<Step, { kind: 'done' | 'wait' | 'show_progress' }>
): Promise<boolean> {
  switch (step.kind) {
    case 'plan':
      await startRun(deps, run)
      return true
    case 'enqueue':
      await enqueueRun(deps, run, step.planned)
      await deps.github.updateCheck(
        run.repository,
        checkRunId,
        { kind: 'queued' },
        renderPending('Waiting for a worker')
      )
      return false
    case 'cancel':
      if (run.state.kind === 'queued') await deps.queue.requestCancel(jobId(run.id), step.reason)
      return decide(deps, run, { kind: 'cancelled', reason: step.reason })
    case 'fail':
      await deps.queue.requestCancel(jobId(run.id), step.failure.message)
      return decide(deps, run, { kind: 'failed', failure: step.failure })
    case 'judge': {
      await deps.store.saveResult(run.id, step.result)
      const { baselineSha, plan } = step.planned
      return decide(deps, run, judgeResult({ baselineSha, candidateSha: run.headSha, plan }, step.result))
    }
    case 'publish':
      if (run.state.kind === 'decided') await publishRun(deps, run, checkRunId, run.state)
      return true
    default:
      return step satisfies never
  }
}

async function decide(deps: RunDeps, run: Run, outcome: Outcome): Promise<boolean> {
  const baselineSha = run.state.kind === 'queued' ? run.state.planned.baselineSha : null
  const decided: RunState = { kind: 'decided', baselineSha, outcome }
  return deps.store.advance(run.id, run.state.kind, decided)
}

async function showProgress(
  deps: RunDeps,
  run: Run,
  checkRunId: number,
  step: Extract<Step, { kind: 'show_progress' }>,
  shown: ProgressClock
): Promise<void> {
  const nowMs = deps.now().getTime()
  if (nowMs - (shown.get(run.id) ?? Number.NEGATIVE_INFINITY) < PROGRESS_INTERVAL_MS) return
  shown.set(run.id, nowMs)
  await deps.github.updateCheck(run.repository, checkRunId, { kind: 'in_progress' }, renderProgress(step.progress))
}
