import type { Actor } from './authentication.ts'
import { badCredentials, GitHubError, notAccessible, notFound } from './github-error.ts'
import type { InstallationRecord, Permissions, RepositoryRecord, State } from './state.ts'
import { findRepository } from './state.ts'

export interface NeededPermission {
  readonly name: string
  readonly level: 'read' | 'write'
}

const levels: Readonly<Record<string, number>> = { read: 1, write: 2, admin: 3 }

export function allows(permissions: Permissions, needed: NeededPermission): boolean {
  return (levels[permissions[needed.name] ?? ''] ?? 0) >= (levels[needed.level] ?? 0)
}

/** Whether `installation` includes `repository`, before any narrowing of its token. */
export function includesRepository(installation: InstallationRecord, repository: RepositoryRecord): boolean {
  return repository.isInstalled && repository.owner.toLowerCase() === installation.accountLogin.toLowerCase()
}

export function listInstalledRepositories(state: State, installation: InstallationRecord): readonly RepositoryRecord[] {
  return [...state.repositories.values()].filter((repository) => includesRepository(installation, repository))
}

function tokenReaches(actor: Actor, repository: RepositoryRecord): boolean {
  if (actor.kind !== 'installation' || !includesRepository(actor.installation, repository)) return false
  return actor.token.repositoryIds?.includes(repository.id) ?? true
}

/**
 * The repository `owner/name` when `actor` may use it with one of the permissions `anyOf`. What an actor may not see
 * does not exist for it (404); what it sees but may not do is 403.
 */
export function authorizeRepository(
  state: State,
  actor: Actor,
  target: { readonly owner: string; readonly name: string },
  anyOf: readonly NeededPermission[]
): RepositoryRecord {
  // A JWT is no repository credential.
  if (actor.kind === 'app') throw badCredentials()
  const repository = findRepository(state, target.owner, target.name)
  if (repository === undefined) throw notFound()
  if (actor.kind === 'installation' && tokenReaches(actor, repository)) {
    if (anyOf.some((needed) => allows(actor.token.permissions, needed))) return repository
    throw notAccessible()
  }
  if (repository.isPrivate) throw notFound()
  if (anyOf.some((needed) => needed.level === 'read')) return repository
  throw actor.kind === 'anonymous' ? new GitHubError(401, 'Requires authentication') : notAccessible()
}

/** Refuses an actor of the wrong kind for operations outside repositories. */
export function authorizeKind(actor: Actor, kind: 'app' | 'installation'): void {
  if (actor.kind === kind) return
  if (actor.kind === 'anonymous') throw new GitHubError(401, 'Requires authentication')
  throw kind === 'app' ? new GitHubError(401, 'A JSON web token could not be decoded') : badCredentials()
}
