import type { BenchmarkFailure, BenchmarkProgress } from '#contracts/benchmark-result.ts'
import type { JobState } from '#contracts/job-state.ts'
import { MS_PER_MINUTE } from '#contracts/units.ts'
import type { PlannedRun, Run } from './run.ts'

/** How long a job waits while no worker at all is online. */
export const NO_WORKER_LIMIT_MS = 120 * MS_PER_MINUTE

/** How long a job waits behind others, and how long after its own time limit a job that was taken may go unfinished. */
export const BACKLOG_LIMIT_MS = 24 * 60 * MS_PER_MINUTE

/** The one thing to do next for a run. */
export type Step =
  | { readonly kind: 'plan' }
  | { readonly kind: 'enqueue'; readonly planned: PlannedRun }
  | { readonly kind: 'show_progress'; readonly progress: BenchmarkProgress }
  | { readonly kind: 'wait' }
  | { readonly kind: 'cancel'; readonly reason: string }
  | { readonly kind: 'judge'; readonly planned: PlannedRun; readonly encoded: unknown }
  | { readonly kind: 'fail'; readonly failure: BenchmarkFailure }
  | { readonly kind: 'publish' }
  | { readonly kind: 'done' }

/** What is known of a run's job; it matters only while the run is queued. */
export interface JobView {
  readonly state: JobState
  readonly workersOnline: number
}

/** What should happen next, from nothing but the run, its job and the clock. */
export function decideStep(run: Run, job: JobView, now: Date): Step {
  switch (run.state.kind) {
    case 'published':
      return { kind: 'done' }
    case 'decided':
      return { kind: 'publish' }
    case 'new':
      return run.cancel === null ? { kind: 'plan' } : { kind: 'cancel', reason: run.cancel.reason }
    case 'queued':
      if (run.cancel !== null) return { kind: 'cancel', reason: run.cancel.reason }
      return decideQueuedStep(run.state.planned, job, now)
    default:
      return run.state satisfies never
  }
}

function decideQueuedStep(planned: PlannedRun, job: JobView, now: Date): Step {
  const { state } = job
  switch (state.kind) {
    case 'completed':
      return { kind: 'judge', planned, encoded: state.encoded }
    case 'failed':
      return fail('worker_error', `The worker failed: ${state.reason}`, 'Re-run the check; see the worker’s log.')
    case 'unknown':
    case 'waiting':
    case 'active':
      return decideUnfinishedStep(planned, { ...job, state }, now)
    default:
      return state satisfies never
  }
}

type Unfinished = JobView & { readonly state: Extract<JobState, { kind: 'unknown' | 'waiting' | 'active' }> }

function decideUnfinishedStep(planned: PlannedRun, { state, workersOnline }: Unfinished, now: Date): Step {
  const waitedMs = now.getTime() - planned.queuedAt.getTime()
  const ownMs = state.kind === 'active' ? planned.plan.measuring.jobTimeoutMs : 0
  const limitMs = ownMs + (workersOnline === 0 ? NO_WORKER_LIMIT_MS : BACKLOG_LIMIT_MS)
  if (waitedMs > limitMs) return giveUp(waitedMs, workersOnline)
  if (state.kind === 'unknown') return { kind: 'enqueue', planned }
  if (state.kind === 'active' && state.progress !== null) return { kind: 'show_progress', progress: state.progress }
  return { kind: 'wait' }
}

function giveUp(waitedMs: number, workersOnline: number): Step {
  const minutes = Math.round(waitedMs / MS_PER_MINUTE)
  if (workersOnline === 0) {
    const hint = 'Start a worker (npm run worker), then re-run the check.'
    return fail('timed_out', `No worker was online to finish this benchmark within ${minutes} minutes.`, hint)
  }
  const hint = 'Start more workers, or look at the log of the one that took it; then re-run the check.'
  return fail('timed_out', `The workers did not finish this benchmark within ${minutes} minutes.`, hint)
}

function fail(code: BenchmarkFailure['code'], message: string, hint: string): Step {
  return { kind: 'fail', failure: { code, side: null, message, hint } }
}
