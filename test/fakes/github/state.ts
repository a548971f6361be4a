import type { KeyObject } from 'node:crypto'

export type Permissions = Readonly<Record<string, string>>
export type RoleName = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none'

export interface Account {
  readonly id: number
  readonly login: string
  readonly type: 'User' | 'Organization' | 'Bot'
}

export interface AppRecord {
  readonly id: number
  readonly slug: string
  readonly clientId: string
  readonly privateKeyPem: string
  readonly publicKey: KeyObject
  readonly webhookUrl: string | undefined
  readonly webhookSecret: string
  readonly permissions: Permissions
  readonly events: readonly string[]
  readonly tokenFormat: 'opaque' | 'jwt'
  readonly createdAt: string
}

/** An app on one account, with all of that account's repositories except those created with `installed: false`. */
export interface InstallationRecord {
  readonly id: number
  readonly appId: number
  readonly accountLogin: string
  readonly suspendedAt: string | null
  readonly createdAt: string
}

export interface InstallationToken {
  readonly token: string
  readonly installationId: number
  readonly permissions: Permissions
  readonly repositoryIds: readonly number[] | undefined
  readonly expiresAtMs: number
}

export interface RepositoryRecord {
  readonly id: number
  readonly owner: string
  readonly name: string
  readonly fullName: string
  readonly isPrivate: boolean
  readonly isInstalled: boolean
  readonly defaultBranch: string
  readonly folder: string
  readonly parentId: number | undefined
  readonly roles: ReadonlyMap<string, RoleName>
  readonly createdAt: string
  readonly pushedAt: string
}

export interface PullRequestRecord {
  readonly id: number
  readonly repositoryId: number
  readonly number: number
  readonly title: string
  readonly body: string | null
  readonly author: string
  readonly headRepositoryId: number
  readonly headRef: string
  readonly headSha: string
  readonly baseRef: string
  readonly baseSha: string
  readonly state: 'open' | 'closed'
  readonly isDraft: boolean
  readonly mergedBy: string | null
  /** The test merge while open, the real merge after merging, null when the merge conflicts. */
  readonly mergeCommitSha: string | null
  readonly createdAt: string
  readonly updatedAt: string
  readonly closedAt: string | null
}

export interface Annotation {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly startColumn: number | null
  readonly endColumn: number | null
  readonly level: string
  readonly message: string
  readonly title: string | null
  readonly rawDetails: string | null
}

export interface CheckAction {
  readonly label: string
  readonly description: string
  readonly identifier: string
}

export interface CheckRunRecord {
  readonly id: number
  readonly suiteId: number
  readonly repositoryId: number
  readonly appId: number
  readonly name: string
  readonly headSha: string
  readonly detailsUrl: string | null
  readonly externalId: string
  readonly status: string
  readonly conclusion: string | null
  readonly startedAt: string
  readonly completedAt: string | null
  readonly title: string | null
  readonly summary: string | null
  readonly text: string | null
  readonly annotations: readonly Annotation[]
  readonly actions: readonly CheckAction[]
}

export interface ReactionRecord {
  readonly id: number
  readonly login: string
  readonly content: string
  readonly createdAt: string
}

export interface CommentRecord {
  readonly id: number
  readonly repositoryId: number
  readonly number: number
  readonly author: string
  readonly appId: number | null
  readonly body: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly reactions: readonly ReactionRecord[]
  readonly minimizedReason: string | null
}

/** Everything the stand-in remembers. Records are replaced, never changed in place. */
export interface State {
  readonly accounts: Map<string, Account>
  readonly apps: Map<number, AppRecord>
  readonly installations: Map<number, InstallationRecord>
  readonly tokens: Map<string, InstallationToken>
  readonly repositories: Map<number, RepositoryRecord>
  readonly pullRequests: Map<number, PullRequestRecord>
  readonly checkRuns: Map<number, CheckRunRecord>
  readonly comments: Map<number, CommentRecord>
  /** Suite id by "repository/app/sha". */
  readonly suiteIds: Map<string, number>
  readonly nextId: () => number
}

export function createState(): State {
  // GitHub's ids are large. Starting high shows code that keeps them in 32 bits.
  let lastId = 9_000_000_000
  return {
    accounts: new Map(),
    apps: new Map(),
    installations: new Map(),
    tokens: new Map(),
    repositories: new Map(),
    pullRequests: new Map(),
    checkRuns: new Map(),
    comments: new Map(),
    suiteIds: new Map(),
    nextId: () => {
      lastId += 1
      return lastId
    }
  }
}

/** A stable opaque id such as GitHub's GraphQL node ids. */
export function nodeId(prefix: string, id: number): string {
  return `${prefix}_kw${Buffer.from(`tailgate:${id}`).toString('base64url')}`
}

/** The account called `login` (GitHub ignores case), made on first mention. */
export function ensureAccount(state: State, login: string, type: Account['type'] = 'User'): Account {
  const key = login.toLowerCase()
  const known = state.accounts.get(key)
  if (known !== undefined) return known
  const account: Account = { id: state.nextId(), login, type }
  state.accounts.set(key, account)
  return account
}

export function findRepository(state: State, owner: string, name: string): RepositoryRecord | undefined {
  const wanted = `${owner}/${name}`.toLowerCase()
  return [...state.repositories.values()].find((repository) => repository.fullName.toLowerCase() === wanted)
}

export function findPullRequest(state: State, repositoryId: number, number: number): PullRequestRecord | undefined {
  return listPullRequests(state, repositoryId).find((pull) => pull.number === number)
}

export function listPullRequests(state: State, repositoryId: number): readonly PullRequestRecord[] {
  return [...state.pullRequests.values()].filter((pull) => pull.repositoryId === repositoryId)
}

export function listComments(state: State, repositoryId: number, number: number): readonly CommentRecord[] {
  return [...state.comments.values()].filter(
    (comment) => comment.repositoryId === repositoryId && comment.number === number
  )
}

/** A record that must be there: its absence is a bug in the stand-in, not in the caller. */
export function requireRecord<T>(map: ReadonlyMap<number, T>, id: number, kind: string): T {
  const record = map.get(id)
  if (record === undefined) throw new Error(`The GitHub stand-in has no ${kind} ${id}`)
  return record
}

/** Whether any app asked for `event`. Spares the work of describing what nobody hears. */
export function hasSubscriber(state: State, event: string): boolean {
  return [...state.apps.values()].some((app) => app.events.includes(event))
}

/** What `login` may do in `repository`: its role there, else reading when it is public. */
export function roleOf(repository: RepositoryRecord, login: string): RoleName {
  const key = login.toLowerCase()
  if (key === repository.owner.toLowerCase()) return 'admin'
  return repository.roles.get(key) ?? (repository.isPrivate ? 'none' : 'read')
}
