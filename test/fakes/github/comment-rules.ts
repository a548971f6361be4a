import type { GitHubError } from './github-error.ts'
import { validationFailed } from './github-error.ts'
import type { JsonObject } from './json.ts'
import { describeComment, describeIssue } from './representations/describe-comment.ts'
import type { CommentRecord, PullRequestRecord } from './state.ts'
import { requireRecord } from './state.ts'
import type { World } from './world.ts'
import { timestamp } from './world.ts'

const largestBodyCharacters = 65_536

/** Throws GitHub's 422 for a comment body that is blank or too long. */
export function checkCommentBody(body: string): void {
  if (body.trim() === '') throw refused('Body cannot be blank')
  if ([...body].length > largestBodyCharacters) {
    throw refused(`Body is too long (maximum is ${largestBodyCharacters} characters)`)
  }
}

function refused(message: string): GitHubError {
  return validationFailed({ resource: 'IssueComment', code: 'unprocessable', field: 'data', message })
}

/** Adds a comment and tells the apps. `appId` is the app that wrote it, null for people. */
export function addComment(
  world: World,
  pull: PullRequestRecord,
  written: { readonly author: string; readonly appId: number | null; readonly body: string }
): CommentRecord {
  checkCommentBody(written.body)
  const now = timestamp(world)
  const comment: CommentRecord = {
    id: world.state.nextId(),
    repositoryId: pull.repositoryId,
    number: pull.number,
    ...written,
    createdAt: now,
    updatedAt: now,
    reactions: [],
    minimizedReason: null
  }
  world.state.comments.set(comment.id, comment)
  emitComment(world, pull, comment, { action: 'created' }, written.author)
  return comment
}

export function editComment(
  world: World,
  pull: PullRequestRecord,
  current: CommentRecord,
  edit: { readonly body: string; readonly editor: string }
): CommentRecord {
  checkCommentBody(edit.body)
  const comment = { ...current, body: edit.body, updatedAt: timestamp(world) }
  world.state.comments.set(comment.id, comment)
  const changes = { body: { from: current.body } }
  emitComment(world, pull, comment, { action: 'edited', changes }, edit.editor)
  return comment
}

export function removeComment(world: World, pull: PullRequestRecord, comment: CommentRecord, remover: string): void {
  world.state.comments.delete(comment.id)
  emitComment(world, pull, comment, { action: 'deleted' }, remover)
}

function emitComment(
  world: World,
  pull: PullRequestRecord,
  comment: CommentRecord,
  what: JsonObject,
  sender: string
): void {
  world.emit({
    event: 'issue_comment',
    repository: requireRecord(world.state.repositories, pull.repositoryId, 'repository'),
    sender,
    body: { ...what, issue: describeIssue(world, pull), comment: describeComment(world, comment) }
  })
}
