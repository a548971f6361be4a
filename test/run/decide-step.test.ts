import { expect, test } from 'vitest'
import type { JobState } from '#contracts/job-state.ts'
import { BACKLOG_LIMIT_MS, decideStep, NO_WORKER_LIMIT_MS } from '#src/run/decide-step.ts'
import type { RunState } from '#src/run/run.ts'
import { queuedState, sampleRun } from './sample-run.ts'

const NOW = new Date('2026-01-01T00:05:00Z')
const UNKNOWN: JobState = { kind: 'unknown' }
const decided: RunState = { kind: 'decided', commits: null, outcome: { kind: 'no_config', where: 'both' } }
const progress = { phase: 'measuring', roundsDone: 2, roundsMax: 16, elapsedMs: 9000, message: 'p50 +1 %' } as const

test.each<[string, RunState, JobState, string]>([
  ['a new run is planned', { kind: 'new' }, UNKNOWN, 'plan'],
  ['a planned run whose job is not there is put into the queue', queuedState(), UNKNOWN, 'enqueue'],
  ['a waiting job is waited for', queuedState(), { kind: 'waiting' }, 'wait'],
  ['an active job that said nothing yet is waited for', queuedState(), { kind: 'active', progress: null }, 'wait'],
  ['progress is shown', queuedState(), { kind: 'active', progress }, 'show_progress'],
  ['a result is judged', queuedState(), { kind: 'completed', encoded: 'packed' }, 'judge'],
  ['a failed job fails the run', queuedState(), { kind: 'failed', reason: 'out of memory' }, 'fail'],
  ['an outcome is published', decided, UNKNOWN, 'publish'],
  ['a published run is done', { ...decided, kind: 'published' }, UNKNOWN, 'done']
])('%s', (_name, state, job, expected) => {
  const step = decideStep(sampleRun(state), { state: job, workersOnline: 1 }, NOW)

  expect(step.kind).toBe(expected)
})

test.each<[string, RunState]>([
  ['new', { kind: 'new' }],
  ['queued', queuedState()]
])('a cancelled run in state %s is cancelled, whatever its job does', (_name, state) => {
  const run = sampleRun(state, { cancel: { kind: 'superseded', reason: 'Superseded.' } })

  const step = decideStep(run, { state: { kind: 'completed', encoded: 'packed' }, workersOnline: 1 }, NOW)

  expect(step).toEqual({ kind: 'cancel', reason: 'Superseded.' })
})

test('cancelling comes too late for a decided run', () => {
  const step = decideStep(
    sampleRun(decided, { cancel: { kind: 'superseded', reason: 'Superseded.' } }),
    { state: UNKNOWN, workersOnline: 1 },
    NOW
  )

  expect(step.kind).toBe('publish')
})

test.each<[string, JobState, number, number, string]>([
  ['waits for two hours while no worker is online', { kind: 'waiting' }, 0, NO_WORKER_LIMIT_MS, 'wait'],
  ['ends as timed out after two hours without a worker', { kind: 'waiting' }, 0, NO_WORKER_LIMIT_MS + 1, 'fail'],
  ['waits behind others for hours while workers are online', { kind: 'waiting' }, 1, NO_WORKER_LIMIT_MS + 1, 'wait'],
  ['ends as timed out after a day behind others', { kind: 'waiting' }, 1, BACKLOG_LIMIT_MS + 1, 'fail'],
  ['is not lost with a worker that vanished', { kind: 'active', progress: null }, 0, 4 * NO_WORKER_LIMIT_MS, 'fail']
])('a job %s', (_name, state, workersOnline, waitedMs, expected) => {
  const run = sampleRun(queuedState(new Date(NOW.getTime() - waitedMs)))

  const step = decideStep(run, { state, workersOnline }, NOW)

  expect(step.kind).toBe(expected)
  if (step.kind === 'fail')
    expect(step.failure).toMatchObject({ code: 'timed_out', hint: expect.stringContaining('worker') })
})
