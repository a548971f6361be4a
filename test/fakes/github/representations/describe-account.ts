import type { JsonObject } from '../json.ts'
import type { Account, AppRecord, InstallationRecord } from '../state.ts'
import { ensureAccount, nodeId } from '../state.ts'
import type { World } from '../world.ts'

/** GitHub's "simple user". */
export function describeAccount(world: World, account: Account): JsonObject {
  const url = `${world.apiUrl}/users/${encodeURIComponent(account.login)}`
  const isBot = account.type === 'Bot'
  const page = isBot ? `apps/${account.login.replace(/\[bot\]$/, '')}` : account.login
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('U', account.id),
    avatar_url: `${world.origin}/avatars/u/${account.id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${world.origin}/${page}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    site_admin: false
  }
}

export function describeLogin(world: World, login: string): JsonObject {
  return describeAccount(world, ensureAccount(world.state, login))
}

/** GitHub's "integration". Apps belong to the stand-in's own organization. */
export function describeApp(world: World, app: AppRecord): JsonObject {
  return {
    id: app.id,
    slug: app.slug,
    client_id: app.clientId,
    node_id: nodeId('A', app.id),
    owner: describeAccount(world, ensureAccount(world.state, 'app-owners', 'Organization')),
    name: app.slug,
    description: '',
    external_url: world.origin,
    html_url: `${world.origin}/github-apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events
  }
}

export function describeInstallation(world: World, app: AppRecord, installation: InstallationRecord): JsonObject {
  const account = ensureAccount(world.state, installation.accountLogin)
  return {
    id: installation.id,
    client_id: app.clientId,
    account: describeAccount(world, account),
    access_tokens_url: `${world.apiUrl}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.origin}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    repository_selection: 'all',
    permissions: app.permissions,
    events: app.events,
    created_at: installation.createdAt,
    updated_at: installation.createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_at: installation.suspendedAt,
    suspended_by: installation.suspendedAt === null ? null : describeAccount(world, account)
  }
}
