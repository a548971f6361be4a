import { parseCommand } from '#src/command/parse-command.ts'
import type { RunRequest } from '#src/run/run-request.ts'
import { CommentPayload, parsePayload, toRepositoryRef } from './payload.ts'

/** A person wrote a comment on a pull request. Null unless it holds a command. */
export function requestFromComment(deliveryId: string, body: unknown): RunRequest | null {
  const payload = parsePayload(CommentPayload, body)
  const { issue, comment, sender } = payload
  if (issue.pull_request === undefined || comment.user === null) return null
  // Bots, ourselves among them, give no commands: that would make loops.
  if (comment.user.type === 'Bot' || sender.type === 'Bot') return null
  const command = parseCommand(comment.body)
  if (command.kind === 'none') return null
  return {
    kind: 'command',
    deliveryId,
    repository: toRepositoryRef(payload),
    pullRequest: issue.number,
    commentId: comment.id,
    author: comment.user.login,
    command
  }
}
