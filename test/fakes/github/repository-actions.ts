import { join } from 'node:path'
import { installApp } from './app-actions.ts'
import { listChangedFiles, readCommit } from './git-history.ts'
import type { FileChange } from './git-repository.ts'
import { copyRef, createBareRepository, deleteRef, isAncestor, resolveCommit, writeCommit } from './git-repository.ts'
import type { JsonObject } from './json.ts'
import { closePullRequest, synchronizePullRequests } from './pull-request-actions.ts'
import { describeHeadCommit } from './representations/describe-commit.ts'
import { repositoryPage } from './representations/describe-repository.ts'
import type { RepositoryRecord, RoleName } from './state.ts'
import { ensureAccount, findRepository, hasSubscriber, requireRecord } from './state.ts'
import type { World } from './world.ts'
import { timestamp } from './world.ts'

/** `owner/name`, or what `createRepository` returned. */
export type RepositoryName = string | { readonly fullName: string }

export interface NewRepository {
  readonly owner: string
  readonly name: string
  readonly private?: boolean
  /** Whether the apps on `owner` include it; default true. */
  readonly installed?: boolean
  readonly ownerType?: 'User' | 'Organization'
  /** The content of the first commit on main. */
  readonly files?: Readonly<Record<string, FileChange>>
}

export interface NewCommit {
  readonly files: Readonly<Record<string, FileChange>>
  readonly message?: string
  readonly author?: string
  /** A SHA or branch to start from. On a branch that exists this is a force push. */
  readonly from?: string
  /** Author and committer date; the stand-in's clock when missing. */
  readonly date?: Date
}

export interface Repository {
  readonly id: number
  readonly owner: string
  readonly name: string
  readonly fullName: string
  readonly cloneUrl: string
  /** Tip of main when it was created. */
  readonly headSha: string
}

const noCommit = '0'.repeat(40)

/** The record that `name` names; throws when there is none. */
export function requireRepository(world: World, name: RepositoryName): RepositoryRecord {
  const fullName = typeof name === 'string' ? name : name.fullName
  const [owner = '', repository = ''] = fullName.split('/')
  const record = findRepository(world.state, owner, repository)
  if (record === undefined) throw new Error(`The GitHub stand-in has no repository ${fullName}`)
  return record
}

async function addRepository(
  world: World,
  options: NewRepository,
  parentId: number | undefined
): Promise<RepositoryRecord> {
  const { owner, name } = options
  if (findRepository(world.state, owner, name) !== undefined) throw new Error(`${owner}/${name} exists already`)
  const isNewOwner = ![...world.state.repositories.values()].some((other) => other.owner === owner)
  ensureAccount(world.state, owner, options.ownerType ?? 'User')
  const id = world.state.nextId()
  const folder = join(world.folder, `${id}.git`)
  await createBareRepository(folder)
  const record: RepositoryRecord = {
    id,
    owner,
    name,
    fullName: `${owner}/${name}`,
    isPrivate: options.private ?? false,
    isInstalled: options.installed ?? true,
    defaultBranch: 'main',
    folder,
    parentId,
    roles: new Map(),
    createdAt: timestamp(world),
    pushedAt: timestamp(world)
  }
  world.state.repositories.set(id, record)
  // An owner's later repositories belong to its installations already, or it has removed them on purpose.
  if (isNewOwner && record.isInstalled) for (const app of world.state.apps.values()) installApp(world, app, owner)
  return record
}

function describeHandle(world: World, record: RepositoryRecord, headSha: string): Repository {
  const { id, owner, name, fullName } = record
  return { id, owner, name, fullName, cloneUrl: `${repositoryPage(world, record)}.git`, headSha }
}

export async function createRepository(world: World, options: NewRepository): Promise<Repository> {
  const record = await addRepository(world, options, undefined)
  const files = options.files ?? { 'README.md': `# ${options.name}\n` }
  const headSha = await commit(world, record, 'main', { files, message: 'Initial commit', author: options.owner })
  return describeHandle(world, record, headSha)
}

/** A fork with the parent's main. Its later commits are fetchable by SHA from the parent too, as on GitHub. */
export async function createFork(world: World, parentName: RepositoryName, owner: string): Promise<Repository> {
  const parent = requireRepository(world, parentName)
  const options = { owner, name: parent.name, private: parent.isPrivate, installed: false }
  const record = await addRepository(world, options, parent.id)
  await copyRef(record.folder, parent.folder, 'refs/heads/main', 'refs/heads/main')
  const headSha = await resolveCommit(record.folder, 'main')
  if (headSha === undefined) throw new Error(`${parent.fullName} has no branch main to fork`)
  return describeHandle(world, record, headSha)
}

/** Commits to a branch, made where missing, and does what a push does: events, pull requests. Returns the SHA. */
export async function commit(
  world: World,
  repositoryName: RepositoryName,
  branch: string,
  change: NewCommit
): Promise<string> {
  const repository = requireRepository(world, repositoryName)
  const { folder } = repository
  const before = await resolveCommit(folder, `heads/${branch}`)
  const start = change.from ?? (before === undefined ? repository.defaultBranch : branch)
  const author = change.author ?? repository.owner
  ensureAccount(world.state, author)
  const parent = await resolveCommit(folder, start)
  if (change.from !== undefined && parent === undefined) throw new Error(`${repository.fullName} has no ${change.from}`)
  const sha = await writeCommit(folder, {
    branch,
    files: change.files,
    message: change.message ?? `Change ${Object.keys(change.files).join(', ')}`,
    author,
    date: change.date ?? world.now(),
    parent
  })
  await publishToNetwork(world, repository, branch)
  world.state.repositories.set(repository.id, {
    ...requireRecord(world.state.repositories, repository.id, 'repository'),
    pushedAt: timestamp(world)
  })
  await emitPush(world, repository, { branch, before, after: sha, author })
  await synchronizePullRequests(world, repository, { branch, before: before ?? noCommit, after: sha, sender: author })
  return sha
}

async function publishToNetwork(world: World, repository: RepositoryRecord, branch: string): Promise<void> {
  if (repository.parentId === undefined) return
  const parent = requireRecord(world.state.repositories, repository.parentId, 'repository')
  const target = `refs/network/${repository.id}/${branch}`
  await copyRef(parent.folder, repository.folder, `refs/heads/${branch}`, target)
}

interface Push {
  readonly branch: string
  readonly before: string | undefined
  readonly after: string
  readonly author: string
}

async function emitPush(world: World, repository: RepositoryRecord, push: Push): Promise<void> {
  if (!hasSubscriber(world.state, 'push')) return
  const { folder } = repository
  const { before, after } = push
  const head = await readCommit(folder, after)
  const files = await listChangedFiles(folder, head.parents[0], after)
  const paths = (status: string): string[] =>
    files.filter((file) => file.status === status).map((file) => file.filename)
  const page = repositoryPage(world, repository)
  const headCommit: JsonObject = {
    ...describeHeadCommit(head),
    distinct: true,
    url: `${page}/commit/${after}`,
    added: paths('added'),
    removed: paths('removed'),
    modified: paths('modified')
  }
  world.emit({
    event: 'push',
    repository,
    sender: push.author,
    body: {
      ref: `refs/heads/${push.branch}`,
      before: before ?? noCommit,
      after,
      pusher: { name: push.author, email: `${push.author}@users.noreply.example` },
      created: before === undefined,
      deleted: false,
      forced: before !== undefined && !(await isAncestor(folder, before, after)),
      base_ref: null,
      compare: `${page}/compare/${(before ?? after).slice(0, 12)}...${after.slice(0, 12)}`,
      commits: [headCommit],
      head_commit: headCommit
    }
  })
}

/** Deletes a branch. GitHub closes the open pull requests from it. */
export async function deleteBranch(world: World, name: RepositoryName, branch: string): Promise<void> {
  const repository = requireRepository(world, name)
  await deleteRef(repository.folder, `refs/heads/${branch}`)
  for (const pull of world.state.pullRequests.values()) {
    const isFromIt = pull.headRepositoryId === repository.id && pull.headRef === branch
    if (isFromIt && pull.state === 'open') await closePullRequest(world, pull, { by: repository.owner, merge: false })
  }
}

/** Gives `login` a role in the repository; `none` takes it away, even from a public repository's readers. */
export function setPermission(world: World, name: RepositoryName, login: string, role: RoleName): void {
  const repository = requireRepository(world, name)
  ensureAccount(world.state, login)
  const roles = new Map([...repository.roles, [login.toLowerCase(), role] as const])
  world.state.repositories.set(repository.id, { ...repository, roles })
}
