import { jobId } from '#contracts/benchmark-job.ts'
import type { Outcome } from '#src/report/outcome.ts'
import { renderPending, renderProgress } from '#src/report/render-progress.ts'
import { decideStep, type JobView, type Step } from './decide-step.ts'
import type { RunDeps } from './ports.ts'
import { publishRun } from './publish-run.ts'
import type { PlannedRun, Run, RunState } from './run.ts'
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
  let goesOn = true
  while (goesOn) {
    const run = await deps.store.findRun(runId)
    if (run === null) return
    const step = decideStep(run, await readJob(deps, run), deps.now())
    if (step.kind === 'done') shown.delete(runId)
    if (!isAction(step) || (step.kind === 'show_progress' && !isProgressDue(run, deps.now(), shown))) return
    const checkRunId = run.checkRunId ?? (await ensureCheck(deps, run))
    goesOn = await takeStep(deps, run, checkRunId, step)
  }
}

type Action = Exclude<Step, { kind: 'done' | 'wait' }>

function isAction(step: Step): step is Action {
  return step.kind !== 'done' && step.kind !== 'wait'
}

async function readJob(deps: RunDeps, run: Run): Promise<JobView> {
  if (run.state.kind !== 'queued') return { state: { kind: 'unknown' }, workersOnline: 0 }
  const [state, workersOnline] = await Promise.all([deps.queue.state(jobId(run.id)), deps.queue.workersOnline()])
  return { state, workersOnline }
}

function isProgressDue(run: Run, now: Date, shown: ProgressClock): boolean {
  const last = shown.get(run.id) ?? Number.NEGATIVE_INFINITY
  if (now.getTime() - last < PROGRESS_INTERVAL_MS) return false
  shown.set(run.id, now.getTime())
  return true
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
async function takeStep(deps: RunDeps, run: Run, checkRunId: number, step: Action): Promise<boolean> {
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
    case 'show_progress':
      await deps.github.updateCheck(run.repository, checkRunId, { kind: 'in_progress' }, renderProgress(step.progress))
      return false
    case 'cancel':
      if (run.state.kind === 'queued') await deps.queue.requestCancel(jobId(run.id), step.reason)
      return decide(deps, run, { kind: 'cancelled', reason: step.reason })
    case 'fail':
      await deps.queue.requestCancel(jobId(run.id), step.failure.message)
      return decide(deps, run, { kind: 'failed', failure: step.failure })
    case 'judge':
      return judge(deps, run, step.planned, step.encoded)
    case 'publish':
      if (run.state.kind === 'decided') await publishRun(deps, run, checkRunId, run.state)
      return true
    default:
      return step satisfies never
  }
}

async function judge(deps: RunDeps, run: Run, { commits, plan }: PlannedRun, encoded: unknown): Promise<boolean> {
  const expected = { baselineSha: commits.baselineSha, candidateSha: run.headSha, plan }
  const { outcome, measurements } = await deps.judge({ jobId: jobId(run.id), expected }, encoded)
  if (measurements !== null) await deps.store.saveResult(run.id, measurements)
  return decide(deps, run, outcome)
}

async function decide(deps: RunDeps, run: Run, outcome: Outcome): Promise<boolean> {
  const commits = run.state.kind === 'queued' ? run.state.planned.commits : null
  const decided: RunState = { kind: 'decided', commits, outcome }
  return deps.store.advance(run.id, run.state.kind, decided)
}
