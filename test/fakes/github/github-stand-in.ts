import type { Violation } from './api-contract.ts'
import type { App, NewApp } from './app-actions.ts'
import { createApp, expireTokens, setSuspended, uninstallApp } from './app-actions.ts'
import { clickCheckAction, rerequestCheckRun, rerequestCheckSuite } from './check-run-actions.ts'
import type { Delivery, DeliveryQueue } from './delivery-queue.ts'
import type { Delay, Fault, Faults } from './faults.ts'
import { notFound } from './github-error.ts'
import type { MergeGroup, NewPullRequest } from './pull-request-actions.ts'
import * as pulls from './pull-request-actions.ts'
import type { NewCommit, NewRepository, Repository, RepositoryName } from './repository-actions.ts'
import * as repositories from './repository-actions.ts'
import type { RequestRecord } from './request-log.ts'
import type { CheckRunRecord, CommentRecord, PullRequestRecord, RoleName } from './state.ts'
import { findPullRequest, listComments, requireRecord } from './state.ts'
import type { World } from './world.ts'

/** A delivery made by hand, for what GitHub would never send. */
export interface RawDelivery {
  readonly event: string
  /** An object is sent as JSON; text and bytes go as they are. */
  readonly payload: object | string | Uint8Array
  readonly guid?: string
  /** What to sign with instead of the app's secret; null sends no signature. */
  readonly secret?: string | null
  readonly contentType?: string
  /** The app to deliver to; the first one when missing. */
  readonly appId?: number
}

export interface GitHubStandIn {
  /** `http://127.0.0.1:port`. */
  readonly url: string
  /** REST root, for `baseUrl`. */
  readonly apiUrl: string
  /** `127.0.0.1:port`, for `GHE_HOST` (with `GHE_PROTOCOL=http`). */
  readonly host: string
  /** Every request so far, in the order of their answers, without tokens. */
  readonly requests: readonly RequestRecord[]
  readonly violations: readonly Violation[]
  readonly deliveries: readonly Delivery[]

  readonly createApp: (options?: NewApp) => App
  readonly uninstall: (owner: string, appId?: number) => void
  readonly suspend: (owner: string, appId?: number) => void
  readonly unsuspend: (owner: string, appId?: number) => void
  readonly expireTokens: () => void
  /** Points an app's webhook elsewhere, for bots that learn their port after starting. */
  readonly setWebhookUrl: (url: string, appId?: number) => void

  readonly createRepository: (options: NewRepository) => Promise<Repository>
  readonly createFork: (parent: RepositoryName, owner: string) => Promise<Repository>
  readonly commit: (repository: RepositoryName, branch: string, change: NewCommit) => Promise<string>
  readonly deleteBranch: (repository: RepositoryName, branch: string) => Promise<void>
  readonly setPermission: (repository: RepositoryName, login: string, role: RoleName) => void

  readonly openPullRequest: (
    repository: RepositoryName,
    options: NewPullRequest & { readonly fromFork?: RepositoryName }
  ) => Promise<PullRequestRecord>
  /** `merge` makes the test merge the new tip of the base branch. `by` is the repository's owner when missing. */
  readonly closePullRequest: (
    repository: RepositoryName,
    number: number,
    how?: { readonly by?: string; readonly merge?: boolean }
  ) => Promise<PullRequestRecord>
  readonly reopenPullRequest: PullRequestAction
  readonly readyForReview: PullRequestAction
  readonly convertToDraft: PullRequestAction
  readonly changeBase: (repository: RepositoryName, number: number, base: string) => Promise<PullRequestRecord>
  readonly enqueueForMerge: (repository: RepositoryName, number: number) => Promise<MergeGroup>
  readonly destroyMergeGroup: (
    repository: RepositoryName,
    group: MergeGroup,
    reason: 'merged' | 'invalidated' | 'dequeued'
  ) => Promise<void>
  readonly comment: (
    repository: RepositoryName,
    number: number,
    written: { readonly body: string; readonly author: string }
  ) => CommentRecord

  readonly rerequest: (checkRun: { readonly id: number }, by?: string) => void
  readonly rerequestSuite: (checkRun: { readonly id: number }, by?: string) => Promise<void>
  readonly requestAction: (checkRun: { readonly id: number }, identifier: string, by?: string) => void

  /** What GitHub shows now. */
  readonly pullRequest: (repository: RepositoryName, number: number) => PullRequestRecord
  readonly checkRuns: (repository: RepositoryName, headSha?: string) => readonly CheckRunRecord[]
  readonly comments: (repository: RepositoryName, number: number) => readonly CommentRecord[]

  /** Returns the delivery's id. */
  readonly deliver: (delivery: RawDelivery) => number
  readonly redeliver: (deliveryId: number) => number
  readonly pauseDeliveries: () => void
  /** Sends held deliveries in order, reversed, or those with the given ids in that order (the rest stays held). */
  readonly resumeDeliveries: (order?: 'arrival' | 'reversed' | readonly number[]) => void
  /** Waits until every delivery that is not held has its answer. */
  readonly deliveriesSettled: () => Promise<void>

  readonly fail: (fault: Fault) => void
  readonly delay: (delay: Delay) => void
  readonly clearFaults: () => void
  readonly close: () => Promise<void>
}

type PullRequestAction = (repository: RepositoryName, number: number, by?: string) => Promise<PullRequestRecord>

interface Parts {
  readonly world: World
  readonly queue: DeliveryQueue
  readonly faults: Faults
  readonly requests: readonly RequestRecord[]
  readonly violations: readonly Violation[]
  readonly close: () => Promise<void>
}

/** Puts the parts behind one handle. */
export function createStandIn(parts: Parts): GitHubStandIn {
  const { world, queue, faults } = parts
  return {
    url: world.origin,
    apiUrl: world.apiUrl,
    host: new URL(world.origin).host,
    requests: parts.requests,
    violations: parts.violations,
    deliveries: queue.deliveries,
    ...bindApps(world),
    ...bindRepositories(world),
    ...bindPullRequests(world),
    ...bindChecks(world),
    deliver: (delivery) => deliverRaw(world, queue, delivery),
    redeliver: queue.redeliver,
    pauseDeliveries: queue.pause,
    resumeDeliveries: queue.resume,
    deliveriesSettled: queue.settled,
    fail: faults.fail,
    delay: faults.delay,
    clearFaults: faults.clear,
    close: parts.close
  }
}

function bindApps(world: World) {
  return {
    createApp: (options: NewApp = {}) => createApp(world, options),
    uninstall: (owner: string, appId?: number) => uninstallApp(world, owner, appId),
    suspend: (owner: string, appId?: number) => setSuspended(world, owner, true, appId),
    unsuspend: (owner: string, appId?: number) => setSuspended(world, owner, false, appId),
    expireTokens: () => expireTokens(world),
    setWebhookUrl: (url: string, appId?: number) => {
      const app = requireApp(world, appId)
      world.state.apps.set(app.id, { ...app, webhookUrl: url })
    }
  }
}

function bindRepositories(world: World) {
  return {
    createRepository: (options: NewRepository) => repositories.createRepository(world, options),
    createFork: (parent: RepositoryName, owner: string) => repositories.createFork(world, parent, owner),
    commit: (name: RepositoryName, branch: string, change: NewCommit) =>
      repositories.commit(world, name, branch, change),
    deleteBranch: (name: RepositoryName, branch: string) => repositories.deleteBranch(world, name, branch),
    setPermission: (name: RepositoryName, login: string, role: RoleName) =>
      repositories.setPermission(world, name, login, role)
  }
}

function bindPullRequests(world: World) {
  const find = (name: RepositoryName, number: number) => requirePull(world, name, number)
  const ownerOf = (name: RepositoryName) => repositories.requireRepository(world, name).owner
  return {
    openPullRequest: (name: RepositoryName, options: NewPullRequest & { readonly fromFork?: RepositoryName }) => {
      const repository = repositories.requireRepository(world, name)
      const head = options.fromFork === undefined ? repository : repositories.requireRepository(world, options.fromFork)
      return pulls.openPullRequest(world, repository, head, options)
    },
    closePullRequest: (
      name: RepositoryName,
      number: number,
      how: { readonly by?: string; readonly merge?: boolean } = {}
    ) => pulls.closePullRequest(world, find(name, number), { by: how.by ?? ownerOf(name), merge: how.merge ?? false }),
    reopenPullRequest: (name: RepositoryName, number: number, by = ownerOf(name)) =>
      pulls.reopenPullRequest(world, find(name, number), by),
    readyForReview: (name: RepositoryName, number: number, by = ownerOf(name)) =>
      pulls.setDraft(world, find(name, number), false, by),
    convertToDraft: (name: RepositoryName, number: number, by = ownerOf(name)) =>
      pulls.setDraft(world, find(name, number), true, by),
    changeBase: (name: RepositoryName, number: number, base: string) =>
      pulls.changeBase(world, find(name, number), base, ownerOf(name)),
    enqueueForMerge: (name: RepositoryName, number: number) => pulls.enqueueForMerge(world, find(name, number)),
    destroyMergeGroup: (name: RepositoryName, group: MergeGroup, reason: 'merged' | 'invalidated' | 'dequeued') =>
      pulls.destroyMergeGroup(world, repositories.requireRepository(world, name), group, reason),
    comment: (name: RepositoryName, number: number, written: { readonly body: string; readonly author: string }) =>
      pulls.commentOn(world, find(name, number), written),
    pullRequest: find,
    comments: (name: RepositoryName, number: number) =>
      listComments(world.state, repositories.requireRepository(world, name).id, number)
  }
}

function bindChecks(world: World) {
  const find = (run: { readonly id: number }) => requireRecord(world.state.checkRuns, run.id, 'check run')
  const ownerOf = (run: CheckRunRecord) => requireRecord(world.state.repositories, run.repositoryId, 'repository').owner
  return {
    rerequest: (run: { readonly id: number }, by?: string) =>
      rerequestCheckRun(world, find(run), by ?? ownerOf(find(run))),
    rerequestSuite: (run: { readonly id: number }, by?: string) =>
      rerequestCheckSuite(world, find(run), by ?? ownerOf(find(run))),
    requestAction: (run: { readonly id: number }, identifier: string, by?: string) =>
      clickCheckAction(world, find(run), identifier, by ?? ownerOf(find(run))),
    checkRuns: (name: RepositoryName, headSha?: string) => {
      const { id } = repositories.requireRepository(world, name)
      return [...world.state.checkRuns.values()].filter(
        (run) => run.repositoryId === id && (headSha === undefined || run.headSha === headSha)
      )
    }
  }
}

function requirePull(world: World, name: RepositoryName, number: number): PullRequestRecord {
  const repository = repositories.requireRepository(world, name)
  const pull = findPullRequest(world.state, repository.id, number)
  if (pull === undefined) throw notFound(`${repository.fullName} has no pull request ${number}`)
  return pull
}

function requireApp(world: World, appId: number | undefined) {
  const [first] = world.state.apps.values()
  const app = appId === undefined ? first : world.state.apps.get(appId)
  if (app === undefined) throw new Error('The GitHub stand-in has no such app: call createApp first')
  return app
}

function deliverRaw(world: World, queue: DeliveryQueue, delivery: RawDelivery): number {
  const app = requireApp(world, delivery.appId)
  const { payload } = delivery
  if (app.webhookUrl === undefined) throw new Error(`App ${app.slug} has no webhook URL to deliver to`)
  const isReady = typeof payload === 'string' || payload instanceof Uint8Array
  const action: unknown = !isReady && 'action' in payload ? payload.action : null
  return queue.enqueue({
    appId: app.id,
    url: app.webhookUrl,
    event: delivery.event,
    action: typeof action === 'string' ? action : null,
    installationId: null,
    repositoryId: null,
    ...(delivery.guid === undefined ? {} : { guid: delivery.guid }),
    contentType: delivery.contentType ?? 'application/json',
    body: Buffer.from(isReady ? payload : JSON.stringify(payload)),
    secret: delivery.secret === undefined ? app.webhookSecret : (delivery.secret ?? undefined)
  })
}
