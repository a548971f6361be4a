import { addComment } from './comment-rules.ts'
import { readCommit } from './git-history.ts'
import { copyRef, deleteRef, resolveCommit, updateRef, writeMerge } from './git-repository.ts'
import type { JsonObject } from './json.ts'
import { describeHeadCommit } from './representations/describe-commit.ts'
import { describeFullPullRequest } from './representations/describe-pull-request.ts'
import type { CommentRecord, PullRequestRecord, RepositoryRecord } from './state.ts'
import { ensureAccount, listPullRequests, requireRecord } from './state.ts'
import type { World } from './world.ts'
import { timestamp } from './world.ts'

export interface NewPullRequest {
  readonly title?: string
  readonly body?: string
  /** Branch with the change. */
  readonly head: string
  /** Branch to merge into; main when missing. */
  readonly base?: string
  readonly author: string
  readonly draft?: boolean
}

function repositoryOf(world: World, pull: PullRequestRecord): RepositoryRecord {
  return requireRecord(world.state.repositories, pull.repositoryId, 'repository')
}

async function emitPullRequest(world: World, pull: PullRequestRecord, sender: string, what: JsonObject): Promise<void> {
  world.emit({
    event: 'pull_request',
    repository: repositoryOf(world, pull),
    sender,
    body: { ...what, number: pull.number, pull_request: await describeFullPullRequest(world, pull) }
  })
}

/** Saves `pull` with a fresh `updatedAt`. */
function save(world: World, pull: PullRequestRecord): PullRequestRecord {
  const saved = { ...pull, updatedAt: timestamp(world) }
  world.state.pullRequests.set(saved.id, saved)
  return saved
}

/** Reads both tips again and writes refs/pull/N/head and, where it merges, refs/pull/N/merge. */
async function refresh(world: World, pull: PullRequestRecord): Promise<PullRequestRecord> {
  const repository = repositoryOf(world, pull)
  const headRepository = requireRecord(world.state.repositories, pull.headRepositoryId, 'repository')
  const headSha = await resolveCommit(headRepository.folder, `heads/${pull.headRef}`)
  const baseSha = await resolveCommit(repository.folder, `heads/${pull.baseRef}`)
  if (headSha === undefined) throw new Error(`${headRepository.fullName} has no branch ${pull.headRef}`)
  if (baseSha === undefined) throw new Error(`${repository.fullName} has no branch ${pull.baseRef}`)
  const ref = `refs/pull/${pull.number}`
  if (headRepository.id !== repository.id) {
    await copyRef(repository.folder, headRepository.folder, `refs/heads/${pull.headRef}`, `${ref}/head`)
  }
  await updateRef(repository.folder, `${ref}/head`, headSha)
  const mergeCommitSha = (await writeMerge(repository.folder, baseSha, headSha, world.now())) ?? null
  if (mergeCommitSha === null) await deleteRef(repository.folder, `${ref}/merge`)
  else await updateRef(repository.folder, `${ref}/merge`, mergeCommitSha)
  return { ...pull, headSha, baseSha, mergeCommitSha }
}

export async function openPullRequest(
  world: World,
  repository: RepositoryRecord,
  headRepository: RepositoryRecord,
  options: NewPullRequest
): Promise<PullRequestRecord> {
  ensureAccount(world.state, options.author)
  const now = timestamp(world)
  const number = listPullRequests(world.state, repository.id).length + 1
  const opened = await refresh(world, {
    id: world.state.nextId(),
    repositoryId: repository.id,
    number,
    title: options.title ?? `Merge ${options.head}`,
    body: options.body ?? null,
    author: options.author,
    headRepositoryId: headRepository.id,
    headRef: options.head,
    headSha: '',
    baseRef: options.base ?? repository.defaultBranch,
    baseSha: '',
    state: 'open',
    isDraft: options.draft ?? false,
    mergedBy: null,
    mergeCommitSha: null,
    createdAt: now,
    updatedAt: now,
    closedAt: null
  })
  const pull = save(world, opened)
  await emitPullRequest(world, pull, options.author, { action: 'opened' })
  return pull
}

export interface BranchMove {
  readonly branch: string
  readonly before: string
  readonly after: string
  readonly sender: string
}

/** What a push to the head branch of open pull requests does. */
export async function synchronizePullRequests(
  world: World,
  repository: RepositoryRecord,
  move: BranchMove
): Promise<void> {
  for (const pull of [...world.state.pullRequests.values()]) {
    const isFromIt = pull.headRepositoryId === repository.id && pull.headRef === move.branch
    if (pull.state !== 'open' || !isFromIt) continue
    const moved = save(world, await refresh(world, pull))
    const { before, after } = move
    await emitPullRequest(world, moved, move.sender, { action: 'synchronize', before, after })
  }
}

export async function closePullRequest(
  world: World,
  pull: PullRequestRecord,
  how: { readonly by: string; readonly merge: boolean }
): Promise<PullRequestRecord> {
  const closedAt = timestamp(world)
  const current = how.merge ? await mergeIntoBase(world, pull) : pull
  const closed = save(world, { ...current, state: 'closed', closedAt, mergedBy: how.merge ? how.by : null })
  await emitPullRequest(world, closed, how.by, { action: 'closed' })
  return closed
}

/** Moves the base branch to the merge of both tips as they are now. */
async function mergeIntoBase(world: World, pull: PullRequestRecord): Promise<PullRequestRecord> {
  const merged = await refresh(world, pull)
  if (merged.mergeCommitSha === null) throw new Error(`Pull request ${pull.number} conflicts and cannot be merged`)
  await updateRef(repositoryOf(world, pull).folder, `refs/heads/${pull.baseRef}`, merged.mergeCommitSha)
  return merged
}

export async function reopenPullRequest(world: World, pull: PullRequestRecord, by: string): Promise<PullRequestRecord> {
  const reopened = save(world, await refresh(world, { ...pull, state: 'open', closedAt: null }))
  await emitPullRequest(world, reopened, by, { action: 'reopened' })
  return reopened
}

export async function setDraft(
  world: World,
  pull: PullRequestRecord,
  isDraft: boolean,
  by: string
): Promise<PullRequestRecord> {
  const changed = save(world, { ...pull, isDraft })
  await emitPullRequest(world, changed, by, { action: isDraft ? 'converted_to_draft' : 'ready_for_review' })
  return changed
}

export async function changeBase(
  world: World,
  pull: PullRequestRecord,
  base: string,
  by: string
): Promise<PullRequestRecord> {
  const changed = save(world, await refresh(world, { ...pull, baseRef: base }))
  const changes = { base: { ref: { from: pull.baseRef }, sha: { from: pull.baseSha } } }
  await emitPullRequest(world, changed, by, { action: 'edited', changes })
  return changed
}

export function commentOn(
  world: World,
  pull: PullRequestRecord,
  written: { readonly author: string; readonly body: string }
): CommentRecord {
  ensureAccount(world.state, written.author)
  return addComment(world, pull, { ...written, appId: null })
}

export interface MergeGroup {
  readonly headSha: string
  readonly headRef: string
  readonly baseSha: string
  readonly baseRef: string
}

async function emitMergeGroup(
  world: World,
  repository: RepositoryRecord,
  group: MergeGroup,
  what: JsonObject
): Promise<void> {
  const headCommit = describeHeadCommit(await readCommit(repository.folder, group.headSha))
  const mergeGroup = {
    head_sha: group.headSha,
    head_ref: group.headRef,
    base_sha: group.baseSha,
    base_ref: group.baseRef,
    head_commit: headCommit
  }
  world.emit({ event: 'merge_group', repository, sender: repository.owner, body: { ...what, merge_group: mergeGroup } })
}

/** Puts an open pull request into the merge queue: its merge on a branch of its own, `checks_requested`. */
export async function enqueueForMerge(world: World, pull: PullRequestRecord): Promise<MergeGroup> {
  const repository = repositoryOf(world, pull)
  const { baseSha, mergeCommitSha } = await refresh(world, pull)
  if (mergeCommitSha === null) throw new Error(`Pull request ${pull.number} conflicts and cannot be queued`)
  const headRef = `refs/heads/gh-readonly-queue/${pull.baseRef}/pr-${pull.number}-${baseSha}`
  await updateRef(repository.folder, headRef, mergeCommitSha)
  const group = { headSha: mergeCommitSha, headRef, baseSha, baseRef: `refs/heads/${pull.baseRef}` }
  await emitMergeGroup(world, repository, group, { action: 'checks_requested' })
  return group
}

export async function destroyMergeGroup(
  world: World,
  repository: RepositoryRecord,
  group: MergeGroup,
  reason: 'merged' | 'invalidated' | 'dequeued'
): Promise<void> {
  await emitMergeGroup(world, repository, group, { action: 'destroyed', reason })
  await deleteRef(repository.folder, group.headRef)
}
