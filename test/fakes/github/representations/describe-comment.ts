import type { JsonObject } from '../json.ts'
import type { CommentRecord, PullRequestRecord, ReactionRecord } from '../state.ts'
import { listComments, nodeId, requireRecord } from '../state.ts'
import type { World } from '../world.ts'
import { describeApp, describeLogin } from './describe-account.ts'
import { authorAssociation } from './describe-pull-request.ts'
import { repositoryPage, repositoryUrl } from './describe-repository.ts'

const reactionContents = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes']

function describeRollup(url: string, reactions: readonly ReactionRecord[]): JsonObject {
  const counts = reactionContents.map((content) => [
    content,
    reactions.filter((reaction) => reaction.content === content).length
  ])
  return { url: `${url}/reactions`, total_count: reactions.length, ...Object.fromEntries(counts) }
}

export function describeReaction(world: World, reaction: ReactionRecord): JsonObject {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: describeLogin(world, reaction.login),
    content: reaction.content,
    created_at: reaction.createdAt
  }
}

export function commentNodeId(comment: CommentRecord): string {
  return nodeId('IC', comment.id)
}

export function describeComment(world: World, comment: CommentRecord): JsonObject {
  const repository = requireRecord(world.state.repositories, comment.repositoryId, 'repository')
  const url = `${repositoryUrl(world, repository)}/issues/comments/${comment.id}`
  const app = comment.appId === null ? null : requireRecord(world.state.apps, comment.appId, 'app')
  return {
    url,
    html_url: `${repositoryPage(world, repository)}/pull/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${repositoryUrl(world, repository)}/issues/${comment.number}`,
    id: comment.id,
    node_id: commentNodeId(comment),
    user: describeLogin(world, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: authorAssociation(repository, comment.author),
    body: comment.body,
    reactions: describeRollup(url, comment.reactions),
    performed_via_github_app: app === null ? null : describeApp(world, app)
  }
}

/** The pull request as an issue, which is how `issue_comment` events show it: without its head SHA. */
export function describeIssue(world: World, pull: PullRequestRecord): JsonObject {
  const repository = requireRecord(world.state.repositories, pull.repositoryId, 'repository')
  const url = `${repositoryUrl(world, repository)}/issues/${pull.number}`
  const page = `${repositoryPage(world, repository)}/pull/${pull.number}`
  return {
    url,
    repository_url: repositoryUrl(world, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    id: pull.id + 1_000_000_000,
    node_id: nodeId('PR', pull.id),
    number: pull.number,
    title: pull.title,
    user: describeLogin(world, pull.author),
    labels: [],
    state: pull.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: listComments(world.state, pull.repositoryId, pull.number).length,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    author_association: authorAssociation(repository, pull.author),
    active_lock_reason: null,
    draft: pull.isDraft,
    pull_request: {
      url: `${repositoryUrl(world, repository)}/pulls/${pull.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: pull.mergedBy === null ? null : pull.closedAt
    },
    body: pull.body,
    reactions: describeRollup(url, []),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: null,
    state_reason: null
  }
}
