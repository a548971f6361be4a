import type { ApiContract, Violation } from './api-contract.ts'
import { allows, includesRepository, listInstalledRepositories } from './authorization.ts'
import type { DeliveryQueue } from './delivery-queue.ts'
import type { JsonObject } from './json.ts'
import { readString } from './json.ts'
import { describeInstallation, describeLogin } from './representations/describe-account.ts'
import { describeRepository } from './representations/describe-repository.ts'
import type { AppRecord, InstallationRecord } from './state.ts'
import { nodeId, requireRecord } from './state.ts'
import type { RepositoryEvent, World } from './world.ts'

export interface EventSink {
  readonly queue: DeliveryQueue
  readonly contract: ApiContract
  readonly report: (violation: Violation) => void
}

/** The permission without which GitHub sends an app no event of this kind. */
const eventPermissions: Readonly<Record<string, string>> = {
  check_run: 'checks',
  check_suite: 'checks',
  issue_comment: 'issues',
  merge_group: 'merge_queues',
  pull_request: 'pull_requests',
  push: 'contents'
}

function isSubscribed(app: AppRecord, event: RepositoryEvent): boolean {
  if (event.appId !== undefined && event.appId !== app.id) return false
  const permission = eventPermissions[event.event]
  return (
    app.events.includes(event.event) &&
    (permission === undefined || allows(app.permissions, { name: permission, level: 'read' }))
  )
}

/** Delivers `event` to every app that is installed on its repository, subscribed and not suspended. */
export function emitEvent(world: World, sink: EventSink, event: RepositoryEvent): void {
  for (const installation of world.state.installations.values()) {
    const app = requireRecord(world.state.apps, installation.appId, 'app')
    const isActive = installation.suspendedAt === null && includesRepository(installation, event.repository)
    if (!isActive || !isSubscribed(app, event)) continue
    const payload: JsonObject = {
      ...event.body,
      repository: describeRepository(world, event.repository),
      sender: describeLogin(world, event.sender),
      installation: { id: installation.id, node_id: nodeId('INST', installation.id) }
    }
    enqueue(sink, app, {
      event: event.event,
      payload,
      installationId: installation.id,
      repositoryId: event.repository.id
    })
  }
}

/** Tells an app about itself: it was installed, suspended, deleted. Apps get these without subscribing. */
export function emitInstallation(
  world: World,
  sink: EventSink,
  installation: InstallationRecord,
  action: string
): void {
  const app = requireRecord(world.state.apps, installation.appId, 'app')
  const repositories = listInstalledRepositories(world.state, installation).map((repository) => ({
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    private: repository.isPrivate
  }))
  const payload: JsonObject = {
    action,
    installation: describeInstallation(world, app, installation),
    repositories,
    sender: describeLogin(world, installation.accountLogin),
    ...(action === 'created' ? { requester: null } : {})
  }
  enqueue(sink, app, { event: 'installation', payload, installationId: installation.id, repositoryId: null })
}

interface Outgoing {
  readonly event: string
  readonly payload: JsonObject
  readonly installationId: number
  readonly repositoryId: number | null
}

function enqueue(sink: EventSink, app: AppRecord, outgoing: Outgoing): void {
  const { event, payload, installationId, repositoryId } = outgoing
  const action = readString(payload, 'action') ?? null
  const problems = sink.contract.findPayloadProblems(event, action, payload)
  if (problems.length > 0) sink.report({ where: `webhook ${event}.${action}`, problems })
  if (app.webhookUrl === undefined) return
  sink.queue.enqueue({
    appId: app.id,
    url: app.webhookUrl,
    event,
    action,
    installationId,
    repositoryId,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(payload)),
    secret: app.webhookSecret
  })
}
