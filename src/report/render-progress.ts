import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { escapeMarkdown } from './escape-markdown.ts'

/** The check run's text while nothing has been measured yet. */
export function renderPending(title: string) {
  return { title, summary: `${title}. This check ends by itself with a verdict.`, text: null, annotations: [] }
}

/** The check run's text while a worker measures. */
export function renderProgress(progress: BenchmarkProgress) {
  const title = describePhase(progress)
  // A job that waits says so once, so its time would stand still.
  const elapsed = progress.phase === 'preparing' ? '' : `, ${Math.round(progress.elapsedMs / MS_PER_S)} s so far`
  const summary = `${title}${elapsed}.\n\nNow: ${escapeMarkdown(progress.message)}`
  return { title, summary, text: null, annotations: [] }
}

function describePhase({ phase, roundsDone, roundsMax }: BenchmarkProgress): string {
  switch (phase) {
    case 'preparing':
      return 'Waiting for the machine to be free'
    case 'fetching':
      return 'Fetching both commits'
    case 'measuring':
      return `Measuring: round ${roundsDone} of at most ${roundsMax}`
    default:
      return phase satisfies never
  }
}
