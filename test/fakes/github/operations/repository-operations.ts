import type { NeededPermission } from '../authorization.ts'
import { countCommits, findMergeBase, listChangedFiles, listCommits, readCommit } from '../git-history.ts'
import { resolveCommit } from '../git-repository.ts'
import { GitHubError, notFound } from '../github-error.ts'
import type { JsonObject } from '../json.ts'
import { describeAccount } from '../representations/describe-account.ts'
import { describeChangedFile, describeCommit } from '../representations/describe-commit.ts'
import { describeFullRepository, repositoryPage, repositoryUrl } from '../representations/describe-repository.ts'
import type { RepositoryRecord, RoleName } from '../state.ts'
import { ensureAccount, findRepository, roleOf } from '../state.ts'
import type { World } from '../world.ts'
import type { Answer, Operations, RepositoryCall } from './operation.ts'
import { answer, paginate } from './operation.ts'

const readMetadata: readonly NeededPermission[] = [{ name: 'metadata', level: 'read' }]
const readContents: readonly NeededPermission[] = [{ name: 'contents', level: 'read' }]

/** GitHub never returns more changed files than this from a comparison, and says nothing about the rest. */
const mostComparedFiles = 300
const mostComparedCommits = 250

async function getCommit(world: World, call: RepositoryCall): Promise<Answer> {
  const { repository } = call
  const ref = call.params.ref ?? ''
  const sha = await resolveCommit(repository.folder, ref)
  if (sha === undefined) throw new GitHubError(422, `No commit found for SHA: ${ref}`)
  const commit = await readCommit(repository.folder, sha)
  const files = await listChangedFiles(repository.folder, commit.parents[0], sha)
  const additions = files.reduce((sum, file) => sum + file.additions, 0)
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0)
  return answer({
    ...describeCommit(world, repository, commit),
    stats: { total: additions + deletions, additions, deletions },
    files: files.slice(0, mostComparedFiles).map((file) => describeChangedFile(world, repository, sha, file))
  })
}

async function getBranch(world: World, call: RepositoryCall): Promise<Answer> {
  const { repository } = call
  const name = call.params.branch ?? ''
  const sha = await resolveCommit(repository.folder, `heads/${name}`)
  if (sha === undefined) throw notFound('Branch not found')
  const commit = await readCommit(repository.folder, sha)
  const url = `${repositoryUrl(world, repository)}/branches/${encodeURIComponent(name)}`
  return answer({
    name,
    commit: describeCommit(world, repository, commit),
    _links: { self: url, html: `${repositoryPage(world, repository)}/tree/${encodeURIComponent(name)}` },
    protected: false,
    protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } },
    protection_url: `${url}/protection`
  })
}

/** One side of `base...head`: `ref`, `owner:ref` or `owner:repository:ref`, the last two naming a fork. */
async function resolveSide(world: World, repository: RepositoryRecord, side: string): Promise<string> {
  const parts = side.split(':')
  const ref = parts.at(-1) ?? ''
  const owner = parts.length > 1 ? (parts[0] ?? '') : repository.owner
  const name = parts.length > 2 ? (parts[1] ?? '') : repository.name
  const source = findRepository(world.state, owner, name)
  const sha = source === undefined ? undefined : await resolveCommit(source.folder, ref)
  if (sha === undefined) throw notFound()
  return sha
}

function compareStatus(ahead: number, behind: number): string {
  if (ahead > 0 && behind > 0) return 'diverged'
  if (ahead > 0) return 'ahead'
  return behind > 0 ? 'behind' : 'identical'
}

async function compare(world: World, call: RepositoryCall): Promise<Answer> {
  const { repository } = call
  const { folder } = repository
  const [baseName = '', headName = ''] = (call.params.basehead ?? '').split('...')
  const [base, head] = await Promise.all([
    resolveSide(world, repository, baseName),
    resolveSide(world, repository, headName)
  ])
  const mergeBase = await findMergeBase(folder, base, head)
  if (mergeBase === undefined) throw notFound(`No common ancestor between ${baseName} and ${headName}.`)
  const [ahead, behind, commits, files] = await Promise.all([
    countCommits(folder, `${base}..${head}`),
    countCommits(folder, `${head}..${base}`),
    listCommits(folder, `${base}..${head}`),
    listChangedFiles(folder, mergeBase, head)
  ])
  const page = paginate(world, call, commits, mostComparedCommits)
  const shown =
    call.query.has('per_page') || call.query.has('page') ? page.items : commits.slice(0, mostComparedCommits)
  // Files come with the first page of commits only.
  const isFirstPage = (Number(call.query.get('page')) || 1) === 1
  return answer({
    ...describeCompareUrls(world, repository, baseName, headName),
    base_commit: describeCommit(world, repository, await readCommit(folder, base)),
    merge_base_commit: describeCommit(world, repository, await readCommit(folder, mergeBase)),
    status: compareStatus(ahead, behind),
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: shown.map((commit) => describeCommit(world, repository, commit)),
    files: isFirstPage
      ? files.slice(0, mostComparedFiles).map((file) => describeChangedFile(world, repository, head, file))
      : []
  })
}

function describeCompareUrls(world: World, repository: RepositoryRecord, base: string, head: string): JsonObject {
  const basehead = `${encodeURIComponent(base)}...${encodeURIComponent(head)}`
  const page = `${repositoryPage(world, repository)}/compare/${basehead}`
  return {
    url: `${repositoryUrl(world, repository)}/compare/${basehead}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`
  }
}

/** The four permissions that this endpoint knows. Finer roles round down: `maintain` to write, `triage` to read. */
function coarsePermission(role: RoleName): 'admin' | 'write' | 'read' | 'none' {
  if (role === 'maintain') return 'write'
  return role === 'triage' ? 'read' : role
}

function getPermission(world: World, call: RepositoryCall): Answer {
  const username = call.params.username ?? ''
  const account = world.state.accounts.get(username.toLowerCase())
  if (account === undefined) throw notFound(`${username} is not a user`)
  const role = roleOf(call.repository, username)
  const permission = coarsePermission(role)
  const can = (...roles: readonly RoleName[]): boolean => roles.includes(role)
  return answer({
    permission,
    role_name: role,
    user: {
      ...describeAccount(world, ensureAccount(world.state, username)),
      permissions: {
        admin: can('admin'),
        maintain: can('admin', 'maintain'),
        push: can('admin', 'maintain', 'write'),
        triage: can('admin', 'maintain', 'write', 'triage'),
        pull: !can('none')
      },
      role_name: role
    }
  })
}

export const repositoryOperations: Operations = {
  'repos/get': {
    kind: 'repository',
    anyOf: readMetadata,
    handle: (world, call) => answer(describeFullRepository(world, call.repository))
  },
  'repos/get-commit': { kind: 'repository', anyOf: readContents, handle: getCommit },
  'repos/get-branch': { kind: 'repository', anyOf: readContents, handle: getBranch },
  'repos/compare-commits-with-basehead': { kind: 'repository', anyOf: readContents, handle: compare },
  'repos/get-collaborator-permission-level': {
    kind: 'repository',
    anyOf: readMetadata,
    handle: getPermission
  }
}
