import type { Actor } from '../authentication.ts'
import type { NeededPermission } from '../authorization.ts'
import { applyCheckRunBody } from '../check-run-rules.ts'
import { resolveCommit } from '../git-repository.ts'
import { GitHubError, notAccessible, notFound } from '../github-error.ts'
import { readString } from '../json.ts'
import { describeAnnotation, describeCheckRun, describeCheckRunEvent } from '../representations/describe-check-run.ts'
import type { AppRecord, CheckRunRecord, RepositoryRecord } from '../state.ts'
import { requireRecord } from '../state.ts'
import type { World } from '../world.ts'
import { timestamp } from '../world.ts'
import type { Answer, Operations, RepositoryCall } from './operation.ts'
import { answer, numberParam, paginate } from './operation.ts'

const mostRunsPerName = 1000

function requireInstallation(actor: Actor): AppRecord {
  if (actor.kind !== 'installation') throw notAccessible()
  return actor.app
}

function suiteIdFor(world: World, repository: RepositoryRecord, app: AppRecord, headSha: string): number {
  const key = `${repository.id}/${app.id}/${headSha}`
  const known = world.state.suiteIds.get(key)
  if (known !== undefined) return known
  const id = world.state.nextId()
  world.state.suiteIds.set(key, id)
  return id
}

/** `check_run` events reach every subscribed app, the one that made the run included. */
export function emitCheckRun(world: World, run: CheckRunRecord, action: 'created' | 'completed'): void {
  const app = requireRecord(world.state.apps, run.appId, 'app')
  world.emit({
    event: 'check_run',
    repository: requireRecord(world.state.repositories, run.repositoryId, 'repository'),
    sender: `${app.slug}[bot]`,
    body: { action, check_run: describeCheckRunEvent(world, run) }
  })
}

function newCheckRun(world: World, repository: RepositoryRecord, app: AppRecord, headSha: string): CheckRunRecord {
  return {
    id: world.state.nextId(),
    suiteId: suiteIdFor(world, repository, app, headSha),
    repositoryId: repository.id,
    appId: app.id,
    name: '',
    headSha,
    detailsUrl: null,
    externalId: '',
    status: 'queued',
    conclusion: null,
    startedAt: timestamp(world),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: []
  }
}

async function createCheckRun(world: World, call: RepositoryCall): Promise<Answer> {
  const { repository, body } = call
  const app = requireInstallation(call.actor)
  const asked = readString(body, 'head_sha') ?? ''
  const headSha = await resolveCommit(repository.folder, asked)
  if (headSha === undefined || !/^[0-9a-f]{40}$/.test(asked)) {
    throw new GitHubError(422, `No commit found for SHA: ${asked}`)
  }
  const run = applyCheckRunBody(newCheckRun(world, repository, app, headSha), body, timestamp(world))
  const namesakes = [...world.state.checkRuns.values()].filter(
    (other) => other.suiteId === run.suiteId && other.name === run.name
  )
  const oldest = namesakes[0]
  if (namesakes.length >= mostRunsPerName && oldest !== undefined) world.state.checkRuns.delete(oldest.id)
  world.state.checkRuns.set(run.id, run)
  emitCheckRun(world, run, 'created')
  if (run.status === 'completed') emitCheckRun(world, run, 'completed')
  return answer(describeCheckRun(world, run), 201)
}

function findCheckRun(world: World, call: RepositoryCall): CheckRunRecord {
  const run = world.state.checkRuns.get(numberParam(call, 'check_run_id'))
  if (run === undefined || run.repositoryId !== call.repository.id) throw notFound()
  return run
}

function updateCheckRun(world: World, call: RepositoryCall): Answer {
  const app = requireInstallation(call.actor)
  const current = findCheckRun(world, call)
  if (current.appId !== app.id) {
    throw new GitHubError(
      403,
      `Invalid app_id \`${app.id}\` - check run can only be modified by the GitHub App that created it.`
    )
  }
  const run = applyCheckRunBody(current, call.body, timestamp(world))
  world.state.checkRuns.set(run.id, run)
  if (run.status === 'completed' && current.status !== 'completed') emitCheckRun(world, run, 'completed')
  return answer(describeCheckRun(world, run))
}

/** The newest run of each name and app, as a commit's page shows them. */
function latestOnly(runs: readonly CheckRunRecord[]): readonly CheckRunRecord[] {
  const latest = new Map<string, CheckRunRecord>()
  for (const run of runs) latest.set(`${run.appId}/${run.name}`, run)
  return [...latest.values()]
}

async function listForRef(world: World, call: RepositoryCall): Promise<Answer> {
  const { repository, query } = call
  const ref = call.params.ref ?? ''
  const sha = await resolveCommit(repository.folder, ref)
  if (sha === undefined) throw new GitHubError(422, `No commit found for SHA: ${ref}`)
  const onCommit = [...world.state.checkRuns.values()].filter(
    (run) => run.repositoryId === repository.id && run.headSha === sha
  )
  const candidates = query.get('filter') === 'all' ? onCommit : latestOnly(onCommit)
  const found = candidates
    .filter((run) => !query.has('check_name') || run.name === query.get('check_name'))
    .filter((run) => !query.has('app_id') || run.appId === Number(query.get('app_id')))
    .filter((run) => !query.has('status') || run.status === query.get('status'))
    .toReversed()
  const page = paginate(world, call, found)
  const runs = page.items.map((run) => describeCheckRun(world, run))
  return answer({ total_count: found.length, check_runs: runs }, 200, page.headers)
}

function listAnnotations(world: World, call: RepositoryCall): Answer {
  const run = findCheckRun(world, call)
  const page = paginate(world, call, run.annotations)
  return answer(
    page.items.map((annotation) => describeAnnotation(world, run, annotation)),
    200,
    page.headers
  )
}

const read: readonly NeededPermission[] = [{ name: 'checks', level: 'read' }]
const write: readonly NeededPermission[] = [{ name: 'checks', level: 'write' }]

export const checkRunOperations: Operations = {
  'checks/create': { kind: 'repository', anyOf: write, handle: createCheckRun },
  'checks/update': { kind: 'repository', anyOf: write, handle: updateCheckRun },
  'checks/get': {
    kind: 'repository',
    anyOf: read,
    handle: (world, call) => answer(describeCheckRun(world, findCheckRun(world, call)))
  },
  'checks/list-for-ref': { kind: 'repository', anyOf: read, handle: listForRef },
  'checks/list-annotations': { kind: 'repository', anyOf: read, handle: listAnnotations }
}
