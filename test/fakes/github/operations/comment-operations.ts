import type { Actor } from '../authentication.ts'
import type { NeededPermission } from '../authorization.ts'
import { addComment, editComment, removeComment } from '../comment-rules.ts'
import { notAccessible, notFound } from '../github-error.ts'
import { readString } from '../json.ts'
import { describeComment, describeReaction } from '../representations/describe-comment.ts'
import type { AppRecord, CommentRecord, PullRequestRecord, ReactionRecord } from '../state.ts'
import { findPullRequest, listComments } from '../state.ts'
import type { World } from '../world.ts'
import { timestamp } from '../world.ts'
import type { Answer, Operations, RepositoryCall } from './operation.ts'
import { answer, noContent, numberParam, paginate } from './operation.ts'

function requireInstallation(actor: Actor): AppRecord {
  if (actor.kind !== 'installation') throw notAccessible()
  return actor.app
}

function requirePullRequest(world: World, call: RepositoryCall, number: number): PullRequestRecord {
  const pull = findPullRequest(world.state, call.repository.id, number)
  if (pull === undefined) throw notFound()
  return pull
}

interface FoundComment {
  readonly comment: CommentRecord
  readonly pull: PullRequestRecord
}

function findComment(world: World, call: RepositoryCall): FoundComment {
  const comment = world.state.comments.get(numberParam(call, 'comment_id'))
  if (comment === undefined || comment.repositoryId !== call.repository.id) throw notFound()
  return { comment, pull: requirePullRequest(world, call, comment.number) }
}

function listIssueComments(world: World, call: RepositoryCall): Answer {
  const pull = requirePullRequest(world, call, numberParam(call, 'issue_number'))
  const since = Date.parse(call.query.get('since') ?? '') || 0
  const found = listComments(world.state, pull.repositoryId, pull.number).filter(
    (comment) => Date.parse(comment.updatedAt) >= since
  )
  const page = paginate(world, call, found)
  return answer(
    page.items.map((comment) => describeComment(world, comment)),
    200,
    page.headers
  )
}

function createComment(world: World, call: RepositoryCall): Answer {
  const app = requireInstallation(call.actor)
  const pull = requirePullRequest(world, call, numberParam(call, 'issue_number'))
  const body = readString(call.body, 'body') ?? ''
  const comment = addComment(world, pull, { author: `${app.slug}[bot]`, appId: app.id, body })
  return answer(describeComment(world, comment), 201)
}

function updateComment(world: World, call: RepositoryCall): Answer {
  const app = requireInstallation(call.actor)
  const { comment, pull } = findComment(world, call)
  const edit = { body: readString(call.body, 'body') ?? '', editor: `${app.slug}[bot]` }
  return answer(describeComment(world, editComment(world, pull, comment, edit)))
}

function deleteComment(world: World, call: RepositoryCall): Answer {
  const app = requireInstallation(call.actor)
  const { comment, pull } = findComment(world, call)
  removeComment(world, pull, comment, `${app.slug}[bot]`)
  return noContent()
}

/** A second reaction of the same kind by the same account is the first one, answered with 200 instead of 201. */
function createReaction(world: World, call: RepositoryCall): Answer {
  const login = `${requireInstallation(call.actor).slug}[bot]`
  const { comment } = findComment(world, call)
  const content = readString(call.body, 'content') ?? ''
  const known = comment.reactions.find((reaction) => reaction.login === login && reaction.content === content)
  if (known !== undefined) return answer(describeReaction(world, known), 200)
  const reaction: ReactionRecord = { id: world.state.nextId(), login, content, createdAt: timestamp(world) }
  world.state.comments.set(comment.id, { ...comment, reactions: [...comment.reactions, reaction] })
  return answer(describeReaction(world, reaction), 201)
}

function listReactions(world: World, call: RepositoryCall): Answer {
  const { comment } = findComment(world, call)
  const content = call.query.get('content')
  const found = comment.reactions.filter((reaction) => content === null || reaction.content === content)
  const page = paginate(world, call, found)
  return answer(
    page.items.map((reaction) => describeReaction(world, reaction)),
    200,
    page.headers
  )
}

// Comments on pull requests go through the issue routes, but GitHub lets an app write them only with pull_requests
// (github/rest-api-description#6994). Either permission is enough to read.
const read: readonly NeededPermission[] = [
  { name: 'pull_requests', level: 'read' },
  { name: 'issues', level: 'read' }
]
const write: readonly NeededPermission[] = [{ name: 'pull_requests', level: 'write' }]

export const commentOperations: Operations = {
  'issues/list-comments': { kind: 'repository', anyOf: read, handle: listIssueComments },
  'issues/get-comment': {
    kind: 'repository',
    anyOf: read,
    handle: (world, call) => answer(describeComment(world, findComment(world, call).comment))
  },
  'issues/create-comment': { kind: 'repository', anyOf: write, handle: createComment },
  'issues/update-comment': { kind: 'repository', anyOf: write, handle: updateComment },
  'issues/delete-comment': { kind: 'repository', anyOf: write, handle: deleteComment },
  'reactions/create-for-issue-comment': { kind: 'repository', anyOf: write, handle: createReaction },
  'reactions/list-for-issue-comment': { kind: 'repository', anyOf: read, handle: listReactions }
}
