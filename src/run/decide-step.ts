import type { BenchmarkFailure, BenchmarkProgress, BenchmarkResult } from '#contracts/benchmark-result.ts'
import { MS_PER_MINUTE } from '#contracts/units.ts'
import type { JobState } from './ports.ts'
import type { PlannedRun, Run } from './run.ts'

/** A job that no worker has finished this long after its own time limit is given up, and its check says so. */
export const QUEUE_WAIT_LIMIT_MS = 120 * MS_PER_MINUTE

/** The one thing to do next for a run. */
export type Step =
  | { readonly kind: 'plan' }
  | { readonly kind: 'enqueue'; readonly planned: PlannedRun }
  | { readonly kind: 'show_progress'; readonly progress: BenchmarkProgress }
  | { readonly kind: 'wait' }
  | { readonly kind: 'cancel'; readonly reason: string }
  | { readonly kind: 'judge'; readonly planned: PlannedRun; readonly result: BenchmarkResult }
  | { readonly kind: 'fail'; readonly failure: BenchmarkFailure }
  | { readonly kind: 'publish' }
  | { readonly kind: 'done' }

/** What should happen next, from nothing but the run, its job and the clock. `job` matters only while queued. */
export function decideStep(run: Run, job: JobState, now: Date): Step {
  switch (run.state.kind) {
    case 'published':
      return { kind: 'done' }
    case 'decided':
      return { kind: 'publish' }
    case 'new':
      return run.cancelReason === null ? { kind: 'plan' } : { kind: 'cancel', reason: run.cancelReason }
    case 'queued':
      if (run.cancelReason !== null) return { kind: 'cancel', reason: run.cancelReason }
      return decideQueuedStep(run.state.planned, job, now)
    default:
      return run.state satisfies never
  }
}

function decideQueuedStep(planned: PlannedRun, job: JobState, now: Date): Step {
  switch (job.kind) {
    case 'completed':
      return { kind: 'judge', planned, result: job.result }
    case 'invalid_result':
      return fail('worker_error', `The worker's result could not be read: ${job.message}`, 'Update the worker.')
    case 'failed':
      return fail('worker_error', `The worker failed: ${job.reason}`, 'Re-run the check; see the worker’s log.')
    case 'unknown':
    case 'waiting':
    case 'active':
      return decideUnfinishedStep(planned, job, now)
    default:
      return job satisfies never
  }
}

function decideUnfinishedStep(
  planned: PlannedRun,
  job: Extract<JobState, { kind: 'unknown' | 'waiting' | 'active' }>,
  now: Date
): Step {
  const waitedMs = now.getTime() - planned.queuedAt.getTime()
  if (waitedMs > QUEUE_WAIT_LIMIT_MS + planned.plan.measuring.jobTimeoutMs) {
    const minutes = Math.round(waitedMs / MS_PER_MINUTE)
    return fail(
      'timed_out',
      `No worker finished this benchmark within ${minutes} minutes.`,
      'Start a worker (npm run worker), then re-run the check.'
    )
  }
  if (job.kind === 'unknown') return { kind: 'enqueue', planned }
  if (job.kind === 'active' && job.progress !== null) return { kind: 'show_progress', progress: job.progress }
  return { kind: 'wait' }
}

function fail(code: BenchmarkFailure['code'], message: string, hint: string): Step {
  return { kind: 'fail', failure: { code, side: null, message, hint } }
}
