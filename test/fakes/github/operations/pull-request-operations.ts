import type { NeededPermission } from '../authorization.ts'
import { findMergeBase, listChangedFiles, listCommits } from '../git-history.ts'
import { notFound } from '../github-error.ts'
import { describeChangedFile, describeCommit } from '../representations/describe-commit.ts'
import { describeFullPullRequest, describePullRequest } from '../representations/describe-pull-request.ts'
import type { PullRequestRecord } from '../state.ts'
import { findPullRequest, listPullRequests, requireRecord } from '../state.ts'
import type { World } from '../world.ts'
import type { Answer, Operations, RepositoryCall } from './operation.ts'
import { answer, numberParam, paginate } from './operation.ts'

const mostListedFiles = 3000
const mostListedCommits = 250
const readPullRequests: readonly NeededPermission[] = [{ name: 'pull_requests', level: 'read' }]

function requirePullRequest(world: World, call: RepositoryCall): PullRequestRecord {
  const pull = findPullRequest(world.state, call.repository.id, numberParam(call, 'pull_number'))
  if (pull === undefined) throw notFound()
  return pull
}

function matchesQuery(world: World, call: RepositoryCall, pull: PullRequestRecord): boolean {
  const state = call.query.get('state') ?? 'open'
  const head = call.query.get('head')
  const base = call.query.get('base')
  const headOwner = requireRecord(world.state.repositories, pull.headRepositoryId, 'repository').owner
  if (state !== 'all' && pull.state !== state) return false
  if (base !== null && pull.baseRef !== base) return false
  return head === null || head === `${headOwner}:${pull.headRef}`
}

function compareBy(sort: string): (left: PullRequestRecord, right: PullRequestRecord) => number {
  // Numbers rise with creation, and unlike timestamps they never tie.
  if (sort !== 'updated') return (left, right) => left.number - right.number
  return (left, right) => left.updatedAt.localeCompare(right.updatedAt) || left.number - right.number
}

function listPulls(world: World, call: RepositoryCall): Answer {
  const sort = call.query.get('sort') ?? 'created'
  const direction = call.query.get('direction') ?? (call.query.has('sort') && sort !== 'created' ? 'asc' : 'desc')
  const ascending = listPullRequests(world.state, call.repository.id)
    .filter((pull) => matchesQuery(world, call, pull))
    .toSorted(compareBy(sort))
  const page = paginate(world, call, direction === 'asc' ? ascending : ascending.toReversed())
  return answer(
    page.items.map((pull) => describePullRequest(world, pull)),
    200,
    page.headers
  )
}

async function listFiles(world: World, call: RepositoryCall): Promise<Answer> {
  const { repository } = call
  const pull = requirePullRequest(world, call)
  const mergeBase = await findMergeBase(repository.folder, pull.baseSha, pull.headSha)
  const files = await listChangedFiles(repository.folder, mergeBase, pull.headSha)
  const page = paginate(world, call, files.slice(0, mostListedFiles))
  return answer(
    page.items.map((file) => describeChangedFile(world, repository, pull.headSha, file)),
    200,
    page.headers
  )
}

async function listPullCommits(world: World, call: RepositoryCall): Promise<Answer> {
  const { repository } = call
  const pull = requirePullRequest(world, call)
  const commits = await listCommits(repository.folder, `${pull.baseSha}..${pull.headSha}`)
  const page = paginate(world, call, commits.slice(0, mostListedCommits))
  return answer(
    page.items.map((commit) => describeCommit(world, repository, commit)),
    200,
    page.headers
  )
}

export const pullRequestOperations: Operations = {
  'pulls/list': { kind: 'repository', anyOf: readPullRequests, handle: listPulls },
  'pulls/get': {
    kind: 'repository',
    anyOf: readPullRequests,
    handle: async (world, call) => answer(await describeFullPullRequest(world, requirePullRequest(world, call)))
  },
  'pulls/list-files': { kind: 'repository', anyOf: readPullRequests, handle: listFiles },
  'pulls/list-commits': { kind: 'repository', anyOf: readPullRequests, handle: listPullCommits }
}
