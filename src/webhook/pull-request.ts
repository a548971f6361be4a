import type { RunRequest } from '#src/run/run-request.ts'
import { PullRequestPayload, parsePayload, toRepositoryRef } from './payload.ts'

/** A pull request was opened, pushed to, retargeted, closed…: look at it again. Null when nothing that we read changed. */
export function requestFromPullRequest(deliveryId: string, body: unknown): RunRequest | null {
  const payload = parsePayload(PullRequestPayload, body)
  // Edits of the title or the text change nothing; a new base branch does.
  if (payload.action === 'edited' && payload.changes?.base === undefined) return null
  return {
    kind: 'pull_request',
    deliveryId,
    repository: toRepositoryRef(payload),
    pullRequest: payload.pull_request.number
  }
}
