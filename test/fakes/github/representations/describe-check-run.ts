import type { CommitFacts } from '../git-history.ts'
import type { JsonObject } from '../json.ts'
import type { Annotation, CheckRunRecord, RepositoryRecord } from '../state.ts'
import { nodeId, requireRecord } from '../state.ts'
import type { World } from '../world.ts'
import { describeApp } from './describe-account.ts'
import { describeHeadCommit } from './describe-commit.ts'
import { listMinimalPullRequests } from './describe-pull-request.ts'
import { repositoryPage, repositoryUrl } from './describe-repository.ts'

export function describeCheckRun(world: World, run: CheckRunRecord): JsonObject {
  const repository = requireRecord(world.state.repositories, run.repositoryId, 'repository')
  const app = requireRecord(world.state.apps, run.appId, 'app')
  const url = `${repositoryUrl(world, repository)}/check-runs/${run.id}`
  return {
    id: run.id,
    node_id: nodeId('CR', run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: `${repositoryPage(world, repository)}/runs/${run.id}`,
    details_url: run.detailsUrl ?? world.origin,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`
    },
    name: run.name,
    check_suite: { id: run.suiteId },
    app: describeApp(world, app),
    pull_requests: listMinimalPullRequests(world, repository, run.headSha)
  }
}

/** All runs of one app on one commit, newest first. */
function listSuiteRuns(world: World, suiteId: number): readonly CheckRunRecord[] {
  return [...world.state.checkRuns.values()].filter((run) => run.suiteId === suiteId).reverse()
}

/** A suite is as far as its least finished run, and as bad as its worst. */
function suiteState(runs: readonly CheckRunRecord[]): Pick<CheckRunRecord, 'status' | 'conclusion'> {
  const unfinished = runs.find((run) => run.status !== 'completed')
  if (unfinished !== undefined) return { status: unfinished.status, conclusion: null }
  const severity = ['failure', 'timed_out', 'action_required', 'cancelled', 'stale', 'success', 'neutral', 'skipped']
  const conclusion = severity.find((candidate) => runs.some((run) => run.conclusion === candidate))
  return { status: 'completed', conclusion: conclusion ?? null }
}

/** GitHub leaves `head_branch` null where no branch of this repository has the commit, as with forks. */
function findHeadBranch(world: World, repository: RepositoryRecord, headSha: string): string | null {
  const pull = [...world.state.pullRequests.values()].find(
    (candidate) => candidate.headSha === headSha && candidate.headRepositoryId === repository.id
  )
  return pull?.headRef ?? null
}

/** The suite as webhooks show it, without its head commit. */
export function describeCheckSuite(world: World, run: CheckRunRecord): JsonObject {
  const repository = requireRecord(world.state.repositories, run.repositoryId, 'repository')
  const runs = listSuiteRuns(world, run.suiteId)
  const { status, conclusion } = suiteState(runs)
  const createdAt = runs.at(-1)?.startedAt ?? run.startedAt
  return {
    id: run.suiteId,
    node_id: nodeId('CS', run.suiteId),
    head_branch: findHeadBranch(world, repository, run.headSha),
    head_sha: run.headSha,
    status,
    conclusion,
    url: `${repositoryUrl(world, repository)}/check-suites/${run.suiteId}`,
    before: '0'.repeat(40),
    after: run.headSha,
    pull_requests: listMinimalPullRequests(world, repository, run.headSha),
    app: describeApp(world, requireRecord(world.state.apps, run.appId, 'app')),
    created_at: createdAt,
    updated_at: run.completedAt ?? createdAt
  }
}

export function describeFullCheckSuite(world: World, run: CheckRunRecord, headCommit: CommitFacts): JsonObject {
  const repository = requireRecord(world.state.repositories, run.repositoryId, 'repository')
  return {
    ...describeCheckSuite(world, run),
    latest_check_runs_count: listSuiteRuns(world, run.suiteId).length,
    check_runs_url: `${repositoryUrl(world, repository)}/check-suites/${run.suiteId}/check-runs`,
    head_commit: describeHeadCommit(headCommit)
  }
}

/** A check run as webhooks show it: with its whole suite instead of the suite's id. */
export function describeCheckRunEvent(world: World, run: CheckRunRecord): JsonObject {
  const { output, ...description } = describeCheckRun(world, run)
  return { ...description, output, check_suite: describeCheckSuite(world, run) }
}

export function describeAnnotation(world: World, run: CheckRunRecord, annotation: Annotation): JsonObject {
  const repository = requireRecord(world.state.repositories, run.repositoryId, 'repository')
  return {
    path: annotation.path,
    blob_href: `${repositoryPage(world, repository)}/blob/${run.headSha}/${annotation.path}`,
    start_line: annotation.startLine,
    start_column: annotation.startColumn,
    end_line: annotation.endLine,
    end_column: annotation.endColumn,
    annotation_level: annotation.level,
    title: annotation.title,
    message: annotation.message,
    raw_details: annotation.rawDetails
  }
}
