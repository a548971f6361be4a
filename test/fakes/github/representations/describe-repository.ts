import type { JsonObject } from '../json.ts'
import type { RepositoryRecord } from '../state.ts'
import { ensureAccount, listPullRequests, nodeId, requireRecord } from '../state.ts'
import type { World } from '../world.ts'
import { describeAccount } from './describe-account.ts'

/** URL templates that GitHub puts into every repository, as paths below its API URL. */
const urlTemplates: Readonly<Record<string, string>> = {
  forks_url: '/forks',
  keys_url: '/keys{/key_id}',
  collaborators_url: '/collaborators{/collaborator}',
  teams_url: '/teams',
  hooks_url: '/hooks',
  issue_events_url: '/issues/events{/number}',
  events_url: '/events',
  assignees_url: '/assignees{/user}',
  branches_url: '/branches{/branch}',
  tags_url: '/tags',
  blobs_url: '/git/blobs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  git_refs_url: '/git/refs{/sha}',
  trees_url: '/git/trees{/sha}',
  statuses_url: '/statuses/{sha}',
  languages_url: '/languages',
  stargazers_url: '/stargazers',
  contributors_url: '/contributors',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  commits_url: '/commits{/sha}',
  git_commits_url: '/git/commits{/sha}',
  comments_url: '/comments{/number}',
  issue_comment_url: '/issues/comments{/number}',
  contents_url: '/contents/{+path}',
  compare_url: '/compare/{base}...{head}',
  merges_url: '/merges',
  archive_url: '/{archive_format}{/ref}',
  downloads_url: '/downloads',
  issues_url: '/issues{/number}',
  pulls_url: '/pulls{/number}',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  labels_url: '/labels{/name}',
  releases_url: '/releases{/id}',
  deployments_url: '/deployments'
}

export function repositoryUrl(world: World, repository: RepositoryRecord): string {
  return `${world.apiUrl}/repos/${repository.fullName}`
}

export function repositoryPage(world: World, repository: RepositoryRecord): string {
  return `${world.origin}/${repository.fullName}`
}

/** A repository as REST and webhooks show it (the keys common to both, without its parent). */
export function describeRepository(world: World, repository: RepositoryRecord): JsonObject {
  const url = repositoryUrl(world, repository)
  const page = repositoryPage(world, repository)
  const host = new URL(world.origin).host
  const urls = Object.fromEntries(Object.entries(urlTemplates).map(([key, path]) => [key, `${url}${path}`]))
  const openCount = listPullRequests(world.state, repository.id).filter((pull) => pull.state === 'open').length
  const forkCount = [...world.state.repositories.values()].filter((fork) => fork.parentId === repository.id).length
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    private: repository.isPrivate,
    owner: describeAccount(world, ensureAccount(world.state, repository.owner)),
    html_url: page,
    description: null,
    fork: repository.parentId !== undefined,
    url,
    ...urls,
    created_at: repository.createdAt,
    updated_at: repository.pushedAt,
    pushed_at: repository.pushedAt,
    git_url: `git://${host}/${repository.fullName}.git`,
    ssh_url: `git@${host}:${repository.fullName}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 108,
    ...counts(openCount, forkCount),
    language: null,
    ...features,
    mirror_url: null,
    license: null,
    default_branch: repository.defaultBranch,
    visibility: repository.isPrivate ? 'private' : 'public',
    topics: [],
    custom_properties: {}
  }
}

function counts(open: number, forks: number): JsonObject {
  return {
    stargazers_count: 0,
    watchers_count: 0,
    watchers: 0,
    forks_count: forks,
    forks,
    open_issues_count: open,
    open_issues: open
  }
}

const features: JsonObject = {
  has_issues: true,
  has_projects: true,
  has_downloads: true,
  has_wiki: true,
  has_pages: false,
  has_discussions: false,
  archived: false,
  disabled: false,
  allow_forking: true,
  is_template: false,
  web_commit_signoff_required: false,
  allow_squash_merge: true,
  allow_merge_commit: true,
  allow_rebase_merge: true,
  allow_auto_merge: false,
  delete_branch_on_merge: false
}

/** GitHub's "full repository", the answer of GET /repos/{owner}/{repo}. */
export function describeFullRepository(world: World, repository: RepositoryRecord): JsonObject {
  const parent =
    repository.parentId === undefined
      ? {}
      : describeParent(world, requireRecord(world.state.repositories, repository.parentId, 'repository'))
  return {
    ...describeRepository(world, repository),
    permissions: { admin: false, maintain: false, push: false, triage: false, pull: true },
    network_count: 0,
    subscribers_count: 0,
    ...parent
  }
}

function describeParent(world: World, parent: RepositoryRecord): JsonObject {
  const description = describeRepository(world, parent)
  return { parent: description, source: description }
}
