import type { Octokit } from '@octokit/rest'
import type { CheckOutput, CheckStatus, ComparisonFacts, Github, PullFacts } from '#src/run/ports.ts'
import type { RepositoryRef } from '#src/run/run.ts'
import { isStatus } from './is-status.ts'

/** The name of our check run: the one that branch protection asks for. It never changes. */
export const CHECK_NAME = 'tailgate'

/** GitHub lists at most this many files in a comparison and does not say that there are more. */
const COMPARE_FILES_MAX = 300

/** GitHub takes at most this many annotations in one request; further requests append. */
const ANNOTATIONS_PER_REQUEST = 50

export interface GithubDeps {
  /** REST methods authenticated as one installation of the App. */
  readonly client: (installationId: number) => Promise<Octokit['rest']>
  readonly appId: number
  /** Root of the GitHub's pages and git addresses, without a trailing slash. */
  readonly githubUrl: string
  /** How our sticky comment is recognised, beside being ours. */
  readonly commentMarker: string
}

/** GitHub through Octokit. Errors other than "not there" pass through for the reconciler to try again. */
export function createGithub(deps: GithubDeps): Github {
  const repositoryUrl = ({ owner, name }: RepositoryRef) => `${deps.githubUrl}/${owner}/${name}`
  return {
    readPull: (repository, number) => readPull(deps, repository, number),
    listOpenPulls: (repository, since) => listOpenPulls(deps, repository, since),
    compare: (repository, baseRef, headSha) => compare(deps, repository, baseRef, headSha),
    readTextFile: (repository, path, sha) => readTextFile(deps, repository, path, sha),
    findCheck: (repository, headSha, externalId) => findCheck(deps, repository, headSha, externalId),
    createCheck: (repository, headSha, externalId, output) =>
      createCheck(deps, repository, headSha, externalId, output),
    isCheckCompleted: async (repository, checkRunId) => {
      const rest = await deps.client(repository.installationId)
      const answer = await rest.checks.get({ ...at(repository), check_run_id: checkRunId })
      return answer.data.status === 'completed'
    },
    updateCheck: (repository, checkRunId, status, output) => updateCheck(deps, repository, checkRunId, status, output),
    findComment: (repository, pullRequest) => findComment(deps, repository, pullRequest),
    createComment: (repository, pullRequest, body) => createComment(deps, repository, pullRequest, body),
    updateComment: (repository, commentId, body) => updateComment(deps, repository, commentId, body),
    react: async (repository, commentId, content) => {
      const rest = await deps.client(repository.installationId)
      await rest.reactions.createForIssueComment({ ...at(repository), comment_id: commentId, content })
    },
    mayWrite: (repository, user) => mayWrite(deps, repository, user),
    cloneUrl: (repository) => `${repositoryUrl(repository)}.git`,
    repositoryUrl
  }
}

function at({ owner, name }: RepositoryRef) {
  return { owner, repo: name }
}

/** What `request` gives, or null when GitHub says that the thing is not there. */
async function orNull<Value>(request: Promise<Value>): Promise<Value | null> {
  try {
    return await request
  } catch (error) {
    if (isStatus(error, 404) || isStatus(error, 410)) return null
    throw error
  }
}

async function readPull(deps: GithubDeps, repository: RepositoryRef, number: number): Promise<PullFacts | null> {
  const rest = await deps.client(repository.installationId)
  const answer = await orNull(rest.pulls.get({ ...at(repository), pull_number: number }))
  return answer === null ? null : toPullFacts(repository, answer.data)
}

async function listOpenPulls(deps: GithubDeps, repository: RepositoryRef, since: Date): Promise<PullFacts[]> {
  const rest = await deps.client(repository.installationId)
  const query = { ...at(repository), state: 'open', sort: 'updated', direction: 'desc', per_page: 100 } as const
  const answer = await orNull(rest.pulls.list(query))
  const pulls = answer?.data ?? []
  return pulls.filter((pull) => new Date(pull.updated_at) >= since).map((pull) => toPullFacts(repository, pull))
}

interface PullPayload {
  readonly number: number
  readonly state: string
  readonly head: { readonly sha: string; readonly repo: { readonly id: number } | null }
  readonly base: { readonly ref: string }
}

function toPullFacts(repository: RepositoryRef, pull: PullPayload): PullFacts {
  return {
    number: pull.number,
    open: pull.state === 'open',
    headSha: pull.head.sha,
    baseRef: pull.base.ref,
    // A deleted fork has no repository any more; it is a fork all the same.
    fromFork: pull.head.repo?.id !== repository.id
  }
}

async function compare(
  deps: GithubDeps,
  repository: RepositoryRef,
  baseRef: string,
  headSha: string
): Promise<ComparisonFacts | null> {
  const rest = await deps.client(repository.installationId)
  const basehead = `${baseRef}...${headSha}`
  const answer = await orNull(rest.repos.compareCommitsWithBasehead({ ...at(repository), basehead }))
  if (answer === null) return null
  const { base_commit, merge_base_commit, files = [] } = answer.data
  const paths = files.flatMap((file) => [file.filename, ...(file.previous_filename ? [file.previous_filename] : [])])
  return {
    baseTipSha: base_commit.sha,
    mergeBaseSha: merge_base_commit.sha,
    changedFiles: files.length >= COMPARE_FILES_MAX ? 'unknown' : paths
  }
}

async function readTextFile(
  deps: GithubDeps,
  repository: RepositoryRef,
  path: string,
  sha: string
): Promise<string | null> {
  const rest = await deps.client(repository.installationId)
  const answer = await orNull(rest.repos.getContent({ ...at(repository), path, ref: sha }))
  if (answer === null || Array.isArray(answer.data) || answer.data.type !== 'file') return null
  return Buffer.from(answer.data.content, 'base64').toString('utf8')
}

async function findCheck(
  deps: GithubDeps,
  repository: RepositoryRef,
  headSha: string,
  externalId: string
): Promise<number | null> {
  const rest = await deps.client(repository.installationId)
  const query = { ...at(repository), ref: headSha, check_name: CHECK_NAME, filter: 'all', per_page: 100 } as const
  const answer = await rest.checks.listForRef({ ...query, app_id: deps.appId })
  return answer.data.check_runs.find((check) => check.external_id === externalId)?.id ?? null
}

async function createCheck(
  deps: GithubDeps,
  repository: RepositoryRef,
  headSha: string,
  externalId: string,
  output: CheckOutput
): Promise<number> {
  const rest = await deps.client(repository.installationId)
  const answer = await rest.checks.create({
    ...at(repository),
    name: CHECK_NAME,
    head_sha: headSha,
    external_id: externalId,
    status: 'queued',
    output: toOutput(output)
  })
  return answer.data.id
}

async function updateCheck(
  deps: GithubDeps,
  repository: RepositoryRef,
  checkRunId: number,
  status: CheckStatus,
  output: CheckOutput
): Promise<void> {
  const rest = await deps.client(repository.installationId)
  const { annotations } = output
  const target = { ...at(repository), check_run_id: checkRunId }
  const later = annotations.slice(ANNOTATIONS_PER_REQUEST)
  for (let first = 0; first < later.length; first += ANNOTATIONS_PER_REQUEST) {
    const part = { ...output, annotations: later.slice(first, first + ANNOTATIONS_PER_REQUEST) }
    await rest.checks.update({ ...target, output: toOutput(part) })
  }
  // The conclusion goes last: a check that says "completed" is complete.
  const part = { ...output, annotations: annotations.slice(0, ANNOTATIONS_PER_REQUEST) }
  const conclusion = status.kind === 'completed' ? { conclusion: status.conclusion } : {}
  await rest.checks.update({ ...target, status: status.kind, ...conclusion, output: toOutput(part) })
}

function toOutput({ title, summary, text, annotations }: CheckOutput) {
  return {
    title,
    summary,
    ...(text === null ? {} : { text }),
    annotations: annotations.map((annotation) => ({
      path: annotation.path,
      start_line: annotation.startLine,
      end_line: annotation.endLine,
      annotation_level: annotation.level,
      title: annotation.title,
      message: annotation.message
    }))
  }
}

/** Comments are searched oldest first: ours is written early, and a later one that copies it is never reached. */
async function findComment(deps: GithubDeps, repository: RepositoryRef, pullRequest: number): Promise<number | null> {
  const rest = await deps.client(repository.installationId)
  for (let page = 1; ; page += 1) {
    const query = { ...at(repository), issue_number: pullRequest, per_page: 100, page }
    const { data } = await rest.issues.listComments(query)
    for (const comment of data) {
      const isOurs = comment.performed_via_github_app?.id === deps.appId
      if (isOurs && comment.body?.startsWith(deps.commentMarker)) return comment.id
    }
    if (data.length < 100) return null
  }
}

async function createComment(deps: GithubDeps, repository: RepositoryRef, pullRequest: number, body: string) {
  const rest = await deps.client(repository.installationId)
  const answer = await rest.issues.createComment({ ...at(repository), issue_number: pullRequest, body })
  return answer.data.id
}

async function updateComment(deps: GithubDeps, repository: RepositoryRef, commentId: number, body: string) {
  const rest = await deps.client(repository.installationId)
  const answer = await orNull(rest.issues.updateComment({ ...at(repository), comment_id: commentId, body }))
  return answer !== null
}

/** Anything but a clear yes is a no: `maintain` reads as write, `triage` as read, and errors other than 404 throw. */
async function mayWrite(deps: GithubDeps, repository: RepositoryRef, user: string): Promise<boolean> {
  const rest = await deps.client(repository.installationId)
  const query = { ...at(repository), username: user }
  const answer = await orNull(rest.repos.getCollaboratorPermissionLevel(query))
  return answer !== null && (answer.data.permission === 'admin' || answer.data.permission === 'write')
}
