import { expect, test } from 'vitest'
import { giveUp } from '#src/run/give-up.ts'
import type { RunState } from '#src/run/run.ts'
import { queuedState } from './sample-run.ts'

const COMMITS = { baselineSha: 'b'.repeat(40), baseTipSha: 'c'.repeat(40) }
const CANCELLED = { kind: 'cancelled', reason: 'superseded' } as const

test('a run that could not even be planned says that it could not be finished, and how often it was tried', () => {
  const next = giveUp({ state: { kind: 'new' }, failures: 100 })

  expect(next).toMatchObject({ kind: 'decided', commits: null, outcome: { kind: 'failed' } })
  expect(JSON.stringify(next)).toContain('failed 100 times')
})

test('a run whose result could never be judged keeps its commits, and its check is told', () => {
  const state = queuedState()

  const commits = state.kind === 'queued' ? state.planned.commits : null
  expect(commits).not.toBeNull()
  expect(giveUp({ state, failures: 100 })).toMatchObject({ kind: 'decided', commits, outcome: { kind: 'failed' } })
})

test('an outcome that could not be written to GitHub is kept, and not tried again', () => {
  const state: RunState = { kind: 'decided', commits: COMMITS, outcome: CANCELLED }

  expect(giveUp({ state, failures: 100 })).toEqual({ kind: 'published', commits: COMMITS, outcome: CANCELLED })
})

test('a published run stays as it is', () => {
  const state: RunState = { kind: 'published', commits: COMMITS, outcome: CANCELLED }

  expect(giveUp({ state, failures: 100 })).toBe(state)
})
