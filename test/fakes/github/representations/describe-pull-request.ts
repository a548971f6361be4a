import { countCommits, findMergeBase, listChangedFiles } from '../git-history.ts'
import type { JsonObject } from '../json.ts'
import type { PullRequestRecord, RepositoryRecord } from '../state.ts'
import { listComments, nodeId, requireRecord, roleOf } from '../state.ts'
import type { World } from '../world.ts'
import { describeLogin } from './describe-account.ts'
import { describeRepository, repositoryPage, repositoryUrl } from './describe-repository.ts'

/** GitHub's word for how `login` relates to the repository. Not a permission: readers can be COLLABORATOR. */
export function authorAssociation(repository: RepositoryRecord, login: string): string {
  if (login.toLowerCase() === repository.owner.toLowerCase()) return 'OWNER'
  if (repository.roles.has(login.toLowerCase()) && roleOf(repository, login) !== 'none') return 'COLLABORATOR'
  return 'NONE'
}

function describeSide(world: World, repository: RepositoryRecord, ref: string, sha: string): JsonObject {
  return {
    label: `${repository.owner}:${ref}`,
    ref,
    sha,
    user: describeLogin(world, repository.owner),
    repo: describeRepository(world, repository)
  }
}

function describeLinks(url: string, issueUrl: string, page: string, statusesUrl: string): JsonObject {
  return {
    self: { href: url },
    html: { href: page },
    issue: { href: issueUrl },
    comments: { href: `${issueUrl}/comments` },
    review_comments: { href: `${url}/comments` },
    review_comment: { href: `${url.replace(/\/\d+$/, '')}/comments{/number}` },
    commits: { href: `${url}/commits` },
    statuses: { href: statusesUrl }
  }
}

/** A pull request as lists show it. */
export function describePullRequest(world: World, pull: PullRequestRecord): JsonObject {
  const repository = requireRecord(world.state.repositories, pull.repositoryId, 'repository')
  const headRepository = requireRecord(world.state.repositories, pull.headRepositoryId, 'repository')
  const url = `${repositoryUrl(world, repository)}/pulls/${pull.number}`
  const issueUrl = `${repositoryUrl(world, repository)}/issues/${pull.number}`
  const page = `${repositoryPage(world, repository)}/pull/${pull.number}`
  const statusesUrl = `${repositoryUrl(world, repository)}/statuses/${pull.headSha}`
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issueUrl,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: describeLogin(world, pull.author),
    body: pull.body,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.mergedBy === null ? null : pull.closedAt,
    merge_commit_sha: pull.mergeCommitSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: [],
    milestone: null,
    draft: pull.isDraft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repositoryUrl(world, repository)}/pulls/comments{/number}`,
    comments_url: `${issueUrl}/comments`,
    statuses_url: statusesUrl,
    head: describeSide(world, headRepository, pull.headRef, pull.headSha),
    base: describeSide(world, repository, pull.baseRef, pull.baseSha),
    _links: describeLinks(url, issueUrl, page, statusesUrl),
    author_association: authorAssociation(repository, pull.author),
    auto_merge: null,
    active_lock_reason: null
  }
}

/** A pull request as GET and webhooks show it: with merge state and the size of its change, counted by git. */
export async function describeFullPullRequest(world: World, pull: PullRequestRecord): Promise<JsonObject> {
  const { folder } = requireRecord(world.state.repositories, pull.repositoryId, 'repository')
  const mergeBase = await findMergeBase(folder, pull.baseSha, pull.headSha)
  const files = await listChangedFiles(folder, mergeBase, pull.headSha)
  const isMerged = pull.mergedBy !== null
  const isMergeable = pull.mergeCommitSha !== null
  return {
    ...describePullRequest(world, pull),
    merged: isMerged,
    mergeable: pull.state === 'open' ? isMergeable : null,
    rebaseable: pull.state === 'open' ? isMergeable : null,
    mergeable_state: describeMergeState(pull),
    merged_by: pull.mergedBy === null ? null : describeLogin(world, pull.mergedBy),
    comments: listComments(world.state, pull.repositoryId, pull.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: await countCommits(folder, `${pull.baseSha}..${pull.headSha}`),
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length
  }
}

function describeMergeState(pull: PullRequestRecord): string {
  if (pull.state === 'closed') return 'unknown'
  if (pull.mergeCommitSha === null) return 'dirty'
  return pull.isDraft ? 'draft' : 'clean'
}

/** The short form inside check runs and suites. Pull requests from forks never appear there. */
export function listMinimalPullRequests(
  world: World,
  repository: RepositoryRecord,
  headSha: string
): readonly JsonObject[] {
  const url = repositoryUrl(world, repository)
  const repo = { id: repository.id, url, name: repository.name }
  return [...world.state.pullRequests.values()]
    .filter((pull) => pull.headSha === headSha && pull.state === 'open')
    .filter((pull) => pull.repositoryId === repository.id && pull.headRepositoryId === repository.id)
    .map((pull) => ({
      url: `${url}/pulls/${pull.number}`,
      id: pull.id,
      number: pull.number,
      head: { ref: pull.headRef, sha: pull.headSha, repo },
      base: { ref: pull.baseRef, sha: pull.baseSha, repo }
    }))
}
