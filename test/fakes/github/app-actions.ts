import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { AppRecord, InstallationRecord, Permissions } from './state.ts'
import { ensureAccount } from './state.ts'
import type { World } from './world.ts'
import { timestamp } from './world.ts'

export interface NewApp {
  readonly appId?: number
  readonly slug?: string
  readonly webhookUrl?: string
  readonly webhookSecret?: string
  /** PEM; generated when missing. */
  readonly privateKey?: string
  readonly permissions?: Permissions
  /** Events it subscribes to. */
  readonly events?: readonly string[]
  /** The form of its installation tokens: 40 characters, or GitHub's newer `ghs_APPID_JWT`. */
  readonly tokenFormat?: 'opaque' | 'jwt'
}

export interface App {
  readonly appId: number
  readonly slug: string
  /** PEM, PKCS #8. */
  readonly privateKey: string
  readonly webhookSecret: string
  /** The account that its comments come from. */
  readonly botLogin: string
}

/** What app.yml asks for. */
const defaultPermissions: Permissions = {
  checks: 'write',
  contents: 'read',
  issues: 'read',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write'
}
const defaultEvents = ['check_run', 'issue_comment', 'pull_request']

/** 32 characters and more, since the bot refuses short ones. */
const defaultSecret = 'a-webhook-secret-that-is-used-in-tests-only'

function generatePrivateKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Registers an app and installs it on every account that has a repository. */
export function createApp(world: World, options: NewApp): App {
  const id = options.appId ?? 1000 + world.state.apps.size + 1
  const slug = options.slug ?? 'tailgate'
  const privateKeyPem = options.privateKey ?? generatePrivateKey()
  const app: AppRecord = {
    id,
    slug,
    clientId: `Iv23stand${String(id).padStart(11, '0')}`,
    privateKeyPem,
    publicKey: createPublicKey(createPrivateKey(privateKeyPem)),
    webhookUrl: options.webhookUrl,
    webhookSecret: options.webhookSecret ?? defaultSecret,
    permissions: { metadata: 'read', ...(options.permissions ?? defaultPermissions) },
    events: options.events ?? defaultEvents,
    tokenFormat: options.tokenFormat ?? 'opaque',
    createdAt: timestamp(world)
  }
  world.state.apps.set(id, app)
  const botLogin = `${slug}[bot]`
  ensureAccount(world.state, botLogin, 'Bot')
  const owners = new Set([...world.state.repositories.values()].map((repository) => repository.owner))
  for (const owner of owners) installApp(world, app, owner)
  return { appId: id, slug, privateKey: privateKeyPem, webhookSecret: app.webhookSecret, botLogin }
}

export function installApp(world: World, app: AppRecord, owner: string): InstallationRecord {
  const installation: InstallationRecord = {
    id: world.state.nextId(),
    appId: app.id,
    accountLogin: owner,
    suspendedAt: null,
    createdAt: timestamp(world)
  }
  world.state.installations.set(installation.id, installation)
  world.emitInstallation(installation, 'created')
  return installation
}

/** The installation of `appId` (the first app when undefined) on `owner`; throws when there is none. */
export function requireInstallationOn(world: World, owner: string, appId: number | undefined): InstallationRecord {
  const found = [...world.state.installations.values()].find(
    (installation) =>
      installation.accountLogin.toLowerCase() === owner.toLowerCase() &&
      (appId === undefined || installation.appId === appId)
  )
  if (found === undefined) throw new Error(`No app${appId === undefined ? '' : ` ${appId}`} is installed on ${owner}`)
  return found
}

/** The owner removes the app: its tokens die with the installation. */
export function uninstallApp(world: World, owner: string, appId: number | undefined): void {
  const installation = requireInstallationOn(world, owner, appId)
  world.emitInstallation(installation, 'deleted')
  world.state.installations.delete(installation.id)
}

export function setSuspended(world: World, owner: string, isSuspended: boolean, appId: number | undefined): void {
  const current = requireInstallationOn(world, owner, appId)
  const installation = { ...current, suspendedAt: isSuspended ? timestamp(world) : null }
  world.state.installations.set(installation.id, installation)
  world.emitInstallation(installation, isSuspended ? 'suspend' : 'unsuspend')
}

/** Ends every installation token at once, as an hour would. */
export function expireTokens(world: World): void {
  for (const token of world.state.tokens.values()) world.state.tokens.set(token.token, { ...token, expiresAtMs: 0 })
}
