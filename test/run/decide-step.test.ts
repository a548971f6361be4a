import { expect, test } from 'vitest'
import { decideStep, QUEUE_WAIT_LIMIT_MS } from '#src/run/decide-step.ts'
import type { JobState } from '#src/run/ports.ts'
import type { RunState } from '#src/run/run.ts'
import { queuedState, sampleResult, sampleRun } from './sample-run.ts'

const NOW = new Date('2026-01-01T00:05:00Z')
const UNKNOWN: JobState = { kind: 'unknown' }
const decided: RunState = { kind: 'decided', baselineSha: null, outcome: { kind: 'no_config', where: 'both' } }
const progress = { phase: 'measuring', roundsDone: 2, roundsMax: 16, elapsedMs: 9000, message: 'p50 +1 %' } as const

test.each<[string, RunState, JobState, string]>([
  ['a new run is planned', { kind: 'new' }, UNKNOWN, 'plan'],
  ['a planned run whose job is not there is put into the queue', queuedState(), UNKNOWN, 'enqueue'],
  ['a waiting job is waited for', queuedState(), { kind: 'waiting', ahead: 3 }, 'wait'],
  ['an active job that said nothing yet is waited for', queuedState(), { kind: 'active', progress: null }, 'wait'],
  ['progress is shown', queuedState(), { kind: 'active', progress }, 'show_progress'],
  ['a result is judged', queuedState(), { kind: 'completed', result: sampleResult(1) }, 'judge'],
  ['an unreadable result fails the run', queuedState(), { kind: 'invalid_result', message: 'cut off' }, 'fail'],
  ['a failed job fails the run', queuedState(), { kind: 'failed', reason: 'out of memory' }, 'fail'],
  ['an outcome is published', decided, UNKNOWN, 'publish'],
  ['a published run is done', { ...decided, kind: 'published' }, UNKNOWN, 'done']
])('%s', (_name, state, job, expected) => {
  const step = decideStep(sampleRun(state), job, NOW)

  expect(step.kind).toBe(expected)
})

test.each<[string, RunState]>([
  ['new', { kind: 'new' }],
  ['queued', queuedState()]
])('a cancelled run in state %s is cancelled, whatever its job does', (_name, state) => {
  const run = sampleRun(state, { cancelReason: 'Superseded.' })

  const step = decideStep(run, { kind: 'completed', result: sampleResult(1) }, NOW)

  expect(step).toEqual({ kind: 'cancel', reason: 'Superseded.' })
})

test('cancelling comes too late for a decided run', () => {
  const step = decideStep(sampleRun(decided, { cancelReason: 'Superseded.' }), UNKNOWN, NOW)

  expect(step.kind).toBe('publish')
})

test('a job that nobody finishes ends as timed out, never as a pass', () => {
  const state = queuedState()
  if (state.kind !== 'queued') throw new Error('unreachable')
  const limitMs = QUEUE_WAIT_LIMIT_MS + state.planned.plan.measuring.jobTimeoutMs
  const late = new Date(state.planned.queuedAt.getTime() + limitMs + 1)

  const step = decideStep(sampleRun(state), { kind: 'waiting', ahead: 0 }, late)

  expect(step).toMatchObject({ kind: 'fail', failure: { code: 'timed_out', hint: expect.stringContaining('worker') } })
})
