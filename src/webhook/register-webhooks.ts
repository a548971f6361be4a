import type { Probot } from 'probot'
import type { RunRequest } from '#src/run/run-request.ts'
import { requestFromCheckRun } from './check-run.ts'
import { requestFromComment } from './issue-comment.ts'
import { requestFromPullRequest } from './pull-request.ts'

export interface WebhookDeps {
  readonly appId: number
  /** Resolves once the request is stored durably. */
  readonly store: (request: RunRequest) => Promise<'stored' | 'duplicate'>
  /** Called after a new request was stored; must not throw. */
  readonly stored: () => void
}

/**
 * Subscribes to the events that can start or stop a run. A handler stores a request and returns: it calls nobody. When
 * storing fails the handler throws, GitHub sees a 500 and keeps the delivery for redelivery.
 */
export function registerWebhooks(app: Probot, deps: WebhookDeps): void {
  async function receive(request: RunRequest | null): Promise<void> {
    if (request === null) return
    if ((await deps.store(request)) === 'stored') deps.stored()
  }

  app.on(
    [
      'pull_request.opened',
      'pull_request.synchronize',
      'pull_request.reopened',
      'pull_request.ready_for_review',
      'pull_request.edited',
      'pull_request.closed'
    ],
    ({ id, payload }) => receive(requestFromPullRequest(id, payload))
  )
  app.on('issue_comment.created', ({ id, payload }) => receive(requestFromComment(id, payload)))
  app.on('check_run.rerequested', ({ id, payload }) => receive(requestFromCheckRun(id, payload, deps.appId)))
}
