import type { Outcome } from '#src/report/outcome.ts'
import type { Run, RunState } from './run.ts'

/**
 * Where a run goes whose next step has failed too often. Before there is an outcome, that it could not be finished becomes
 * the outcome, and GitHub is told. When it is telling GitHub that fails (the repository was archived, say, or a permission was
 * taken away), nothing is left to be tried.
 */
export function giveUp({ state, failures }: Pick<Run, 'state' | 'failures'>): RunState {
  switch (state.kind) {
    case 'new':
      return { kind: 'decided', commits: null, outcome: unfinished(failures) }
    case 'queued':
      return { kind: 'decided', commits: state.planned.commits, outcome: unfinished(failures) }
    case 'decided':
      return { ...state, kind: 'published' }
    case 'published':
      return state
    default:
      return state satisfies never
  }
}

function unfinished(failures: number): Outcome {
  const message = `The run could not be finished: its next step failed ${failures} times.`
  const hint = 'See the bot’s log for this run, then re-run the check.'
  return { kind: 'failed', failure: { code: 'worker_error', side: null, message, hint } }
}
