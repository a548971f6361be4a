import type { Actor } from '../authentication.ts'
import { issueToken } from '../authentication.ts'
import { allows, authorizeRepository, includesRepository, listInstalledRepositories } from '../authorization.ts'
import type { DeliveryQueue } from '../delivery-queue.ts'
import { badCredentials, GitHubError, notFound, validationFailed } from '../github-error.ts'
import type { JsonObject } from '../json.ts'
import { readObject } from '../json.ts'
import { describeApp, describeInstallation } from '../representations/describe-account.ts'
import { describeRepository } from '../representations/describe-repository.ts'
import type { AppRecord, InstallationRecord, Permissions, RepositoryRecord } from '../state.ts'
import type { World } from '../world.ts'
import type { Answer, Call, Operations } from './operation.ts'
import { answer, noContent, numberParam, paginate } from './operation.ts'

function requireApp(actor: Actor): AppRecord {
  if (actor.kind !== 'app') throw badCredentials()
  return actor.app
}

function findInstallation(world: World, call: Call): InstallationRecord {
  const installation = world.state.installations.get(numberParam(call, 'installation_id'))
  if (installation === undefined || installation.appId !== requireApp(call.actor).id) throw notFound()
  return installation
}

/** Permissions asked for, which must be among those of the app; all of them when none are named. */
function narrowPermissions(app: AppRecord, body: JsonObject): Permissions {
  const asked = readObject(body, 'permissions')
  if (asked === undefined) return app.permissions
  // Metadata comes with every token that reaches a repository.
  const narrowed: Record<string, string> = { metadata: 'read' }
  for (const [name, level] of Object.entries(asked)) {
    if ((level !== 'read' && level !== 'write') || !allows(app.permissions, { name, level })) {
      throw new GitHubError(422, 'The permissions requested are not granted to this installation.')
    }
    narrowed[name] = level
  }
  return narrowed
}

function narrowRepositories(
  installed: readonly RepositoryRecord[],
  body: JsonObject
): readonly RepositoryRecord[] | undefined {
  const ids = body.repository_ids
  const names = body.repositories
  if (!Array.isArray(ids) && !Array.isArray(names)) return undefined
  const wanted = [...(Array.isArray(ids) ? ids : []), ...(Array.isArray(names) ? names : [])]
  return wanted.map((key) => {
    const repository = installed.find((candidate) => candidate.id === key || candidate.name === key)
    if (repository !== undefined) return repository
    throw new GitHubError(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.'
    )
  })
}

function createToken(world: World, call: Call): Answer {
  const app = requireApp(call.actor)
  const installation = findInstallation(world, call)
  if (installation.suspendedAt !== null) throw new GitHubError(403, 'This installation has been suspended')
  const permissions = narrowPermissions(app, call.body)
  const repositories = narrowRepositories(listInstalledRepositories(world.state, installation), call.body)
  const repositoryIds = repositories?.map((repository) => repository.id)
  const token = issueToken(world, installation, { permissions, repositoryIds })
  const body: JsonObject = {
    token: token.token,
    expires_at: new Date(token.expiresAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    permissions,
    repository_selection: repositories === undefined ? 'all' : 'selected',
    ...(repositories === undefined
      ? {}
      : { repositories: repositories.map((repository) => describeRepository(world, repository)) })
  }
  return answer(body, 201)
}

function revokeToken(world: World, call: Call): Answer {
  if (call.actor.kind === 'installation') world.state.tokens.delete(call.actor.token.token)
  return noContent()
}

function listInstallations(world: World, call: Call): Answer {
  const app = requireApp(call.actor)
  const all = [...world.state.installations.values()].filter((installation) => installation.appId === app.id)
  const page = paginate(world, call, all)
  return answer(
    page.items.map((installation) => describeInstallation(world, app, installation)),
    200,
    page.headers
  )
}

function getRepositoryInstallation(world: World, call: Call): Answer {
  const app = requireApp(call.actor)
  const { owner = '', repo = '' } = call.params
  const fullName = `${owner}/${repo}`.toLowerCase()
  const repository = [...world.state.repositories.values()].find((one) => one.fullName.toLowerCase() === fullName)
  const installation = [...world.state.installations.values()].find(
    (one) => one.appId === app.id && repository !== undefined && includesRepository(one, repository)
  )
  if (installation === undefined) throw notFound()
  return answer(describeInstallation(world, app, installation))
}

function listRepositories(world: World, call: Call): Answer {
  const { actor } = call
  if (actor.kind !== 'installation') throw badCredentials()
  const reachable = listInstalledRepositories(world.state, actor.installation).filter(
    (repository) => actor.token.repositoryIds?.includes(repository.id) ?? true
  )
  const page = paginate(world, call, reachable)
  const repositories = page.items.map((repository) => {
    authorizeRepository(world.state, actor, repository, [{ name: 'metadata', level: 'read' }])
    return describeRepository(world, repository)
  })
  return answer({ total_count: reachable.length, repository_selection: 'all', repositories }, 200, page.headers)
}

function listDeliveries(queue: DeliveryQueue, world: World, call: Call): Answer {
  const app = requireApp(call.actor)
  const own = queue.deliveries.filter(({ appId, outcome }) => appId === app.id && outcome.kind !== 'held').reverse()
  const page = paginate(world, call, own)
  return answer(
    page.items.map((delivery) => ({
      id: delivery.id,
      guid: delivery.guid,
      delivered_at: delivery.deliveredAt,
      redelivery: delivery.isRedelivery,
      duration: 0.1,
      status: delivery.outcome.kind === 'answered' ? delivery.outcome.statusText : 'failed to connect to host',
      status_code: delivery.outcome.kind === 'answered' ? delivery.outcome.status : 502,
      event: delivery.event,
      action: delivery.action,
      installation_id: delivery.installationId,
      repository_id: delivery.repositoryId
    })),
    200,
    page.headers
  )
}

function redeliver(queue: DeliveryQueue, call: Call): Answer {
  const app = requireApp(call.actor)
  const id = numberParam(call, 'delivery_id')
  const delivery = queue.deliveries.find((candidate) => candidate.id === id && candidate.appId === app.id)
  if (delivery === undefined) {
    throw validationFailed({ resource: 'HookDelivery', field: 'delivery_id', code: 'missing' })
  }
  queue.redeliver(delivery.id)
  return answer({}, 202)
}

/** Operations of an app itself and of its installations. */
export function createAppOperations(queue: DeliveryQueue): Operations {
  return {
    'apps/get-authenticated': {
      kind: 'app',
      handle: (world, call) => answer(describeApp(world, requireApp(call.actor)))
    },
    'apps/list-installations': { kind: 'app', handle: listInstallations },
    'apps/get-installation': {
      kind: 'app',
      handle: (world, call) =>
        answer(describeInstallation(world, requireApp(call.actor), findInstallation(world, call)))
    },
    'apps/create-installation-access-token': { kind: 'app', handle: createToken },
    'apps/get-repo-installation': { kind: 'app', handle: getRepositoryInstallation },
    'apps/list-webhook-deliveries': { kind: 'app', handle: (world, call) => listDeliveries(queue, world, call) },
    'apps/redeliver-webhook-delivery': { kind: 'app', handle: (_, call) => redeliver(queue, call) },
    'apps/revoke-installation-access-token': { kind: 'installation', handle: revokeToken },
    'apps/list-repos-accessible-to-installation': { kind: 'installation', handle: listRepositories }
  }
}
