import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { escapeMarkdown } from './escape-markdown.ts'

/** The check run's text while nothing has been measured yet. */
export function renderPending(title: string) {
  return { title, summary: `${title}. This check ends by itself with a verdict.`, text: null, annotations: [] }
}

/** The check run's text while a worker measures. */
export function renderProgress(progress: BenchmarkProgress) {
  const elapsedS = Math.round(progress.elapsedMs / MS_PER_S)
  const title =
    progress.phase === 'measuring'
      ? `Measuring: round ${progress.roundsDone} of at most ${progress.roundsMax}`
      : progress.phase === 'fetching'
        ? 'Fetching both commits'
        : 'Loading both models'
  const summary = `${title}, ${elapsedS} s so far.\n\nNow: ${escapeMarkdown(progress.message)}`
  return { title, summary, text: null, annotations: [] }
}
