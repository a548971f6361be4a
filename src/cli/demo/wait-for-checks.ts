import { setTimeout as sleep } from 'node:timers/promises'
import type { GitHubStandIn } from '#test/fakes/github/github-stand-in.ts'
import type { OpenedPullRequest } from './run-demo.ts'

const POLL_MS = 250

/** The limit for the whole demo. */
const LIMIT_MS = 180_000

export interface PullProgress {
  readonly number: number
  /** Title of the check run as GitHub shows it; null before there is one. */
  readonly title: string | null
  readonly conclusion: string | null
}

/**
 * Watches the check runs until all are completed.
 *
 * @throws Error when that takes longer than three minutes; the signal's when it aborts.
 */
export async function waitForChecks(
  github: GitHubStandIn,
  repository: string,
  opened: readonly OpenedPullRequest[],
  update: (progress: readonly PullProgress[]) => void,
  signal: AbortSignal
): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS
  for (;;) {
    const progress = opened.map(({ number, headSha }) => {
      const check = github.checkRuns(repository, headSha).at(-1)
      return { number, title: check?.title ?? null, conclusion: check?.conclusion ?? null }
    })
    update(progress)
    if (progress.every(({ conclusion }) => conclusion !== null)) return
    if (performance.now() > deadlineMs) {
      throw new Error('The checks did not end within three minutes; the bot’s log says why.')
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}
