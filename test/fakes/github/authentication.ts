import { randomBytes, verify } from 'node:crypto'
import { badCredentials, GitHubError, notFound } from './github-error.ts'
import type { JsonObject } from './json.ts'
import { isJsonObject, readNumber } from './json.ts'
import type { AppRecord, InstallationRecord, InstallationToken, State } from './state.ts'
import { requireRecord } from './state.ts'
import type { World } from './world.ts'

export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app'; readonly app: AppRecord }
  | {
      readonly kind: 'installation'
      readonly app: AppRecord
      readonly installation: InstallationRecord
      readonly token: InstallationToken
    }

const tokenLifetimeMs = 60 * 60 * 1000
const longestJwtSeconds = 600

/** Who sends `authorization` (the header's value): an app by its JWT, an installation by its token, or nobody. */
export function authenticate(world: World, authorization: string | undefined): Actor {
  if (authorization === undefined) return { kind: 'anonymous' }
  const [scheme = '', credentials = ''] = authorization.split(/\s+/, 2)
  if (scheme.toLowerCase() === 'basic') return authenticateBasic(world, credentials)
  if (!/^(bearer|token)$/i.test(scheme)) throw badCredentials()
  return credentials.startsWith('ghs_')
    ? authenticateToken(world, credentials)
    : { kind: 'app', app: authenticateApp(world, credentials) }
}

/** Git's way: user `x-access-token`, the installation token as password. */
function authenticateBasic(world: World, credentials: string): Actor {
  const [user, ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':')
  if (user !== 'x-access-token') throw badCredentials()
  return authenticateToken(world, password.join(':'))
}

function authenticateToken(world: World, secret: string): Actor {
  const token = world.state.tokens.get(secret)
  if (token === undefined || token.expiresAtMs <= world.now().getTime()) throw badCredentials()
  const installation = world.state.installations.get(token.installationId)
  if (installation === undefined) throw badCredentials()
  if (installation.suspendedAt !== null) throw new GitHubError(403, 'This installation has been suspended')
  return { kind: 'installation', token, installation, app: requireRecord(world.state.apps, installation.appId, 'app') }
}

function parseJwtPart(part: string): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    if (isJsonObject(value)) return value
  } catch {
    // Reported below, as GitHub reports it.
  }
  throw new GitHubError(401, 'A JSON web token could not be decoded')
}

function findApp(state: State, issuer: string): AppRecord | undefined {
  return [...state.apps.values()].find((app) => String(app.id) === issuer || app.clientId === issuer)
}

function authenticateApp(world: World, jwt: string): AppRecord {
  const [header = '', claims = '', signature = '', ...rest] = jwt.split('.')
  if (rest.length > 0 || parseJwtPart(header).alg !== 'RS256') {
    throw new GitHubError(401, 'A JSON web token could not be decoded')
  }
  const parsed = parseJwtPart(claims)
  const app = findApp(world.state, String(parsed.iss ?? ''))
  if (app === undefined) throw notFound('Integration not found')
  const signed = Buffer.from(`${header}.${claims}`)
  if (!verify('RSA-SHA256', signed, app.publicKey, Buffer.from(signature, 'base64url'))) {
    throw new GitHubError(401, 'A JSON web token could not be decoded')
  }
  checkJwtTimes(parsed, world.now().getTime() / 1000)
  return app
}

function checkJwtTimes(claims: JsonObject, nowSeconds: number): void {
  const issuedAt = readNumber(claims, 'iat')
  const expiresAt = readNumber(claims, 'exp')
  if (expiresAt === undefined || expiresAt <= nowSeconds) {
    throw new GitHubError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
    )
  }
  if (issuedAt === undefined || issuedAt > nowSeconds + 1) {
    throw new GitHubError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
    )
  }
  if (expiresAt > nowSeconds + longestJwtSeconds + 1 || expiresAt - issuedAt > longestJwtSeconds + 60) {
    throw new GitHubError(401, "'Expiration time' claim ('exp') is too far in the future")
  }
}

/** A token GitHub could have made: `ghs_` and 36 characters, or the newer `ghs_APPID_JWT`. */
function inventToken(app: AppRecord): string {
  if (app.tokenFormat === 'opaque') return `ghs_${randomBytes(27).toString('hex').slice(0, 36)}`
  const header = Buffer.from('{"alg":"ES256","typ":"JWT"}').toString('base64url')
  return `ghs_${app.id}_${header}.${randomBytes(48).toString('base64url')}.${randomBytes(64).toString('base64url')}`
}

export function issueToken(
  world: World,
  installation: InstallationRecord,
  scope: Pick<InstallationToken, 'permissions' | 'repositoryIds'>
): InstallationToken {
  const app = requireRecord(world.state.apps, installation.appId, 'app')
  const token: InstallationToken = {
    token: inventToken(app),
    installationId: installation.id,
    permissions: scope.permissions,
    repositoryIds: scope.repositoryIds,
    expiresAtMs: world.now().getTime() + tokenLifetimeMs
  }
  world.state.tokens.set(token.token, token)
  return token
}
