import { createSign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectedApp } from './connected-app.ts'
import { asApp, asInstallation, connectApp, withToken } from './connected-app.ts'

let connected: ConnectedApp
let installationId: number
let repositoryId: number

beforeAll(async () => {
  connected = await connectApp()
  const repository = await connected.github.createRepository({ owner: 'octo', name: 'models', private: true })
  await connected.github.createRepository({ owner: 'octo', name: 'other', private: true })
  await connected.github.createRepository({ owner: 'octo', name: 'hidden', private: true, installed: false })
  await connected.github.createRepository({ owner: 'octo', name: 'open', installed: false })
  repositoryId = repository.id
  const { data } = await asApp(connected.github, connected.app).rest.apps.listInstallations()
  installationId = data[0]?.id ?? 0
})

afterAll(async () => {
  expect(connected.github.violations).toEqual([])
  await connected.close()
})

interface Claims {
  readonly iat: number
  readonly exp: number
}

function signJwt(claims: Claims, privateKey = connected.app.privateKey): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ ...claims, iss: connected.app.appId })}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
}

async function getApp(jwt: string): Promise<{ readonly status: number; readonly message: unknown }> {
  const response = await fetch(`${connected.github.apiUrl}/app`, { headers: { authorization: `Bearer ${jwt}` } })
  const body: unknown = await response.json()
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined
  return { status: response.status, message }
}

async function createToken(scope: object): Promise<string> {
  const { data } = await asApp(connected.github, connected.app).rest.apps.createInstallationAccessToken({
    installation_id: installationId,
    ...scope
  })
  return data.token
}

describe('app authentication', () => {
  const nowSeconds = Math.floor(Date.now() / 1000)

  test('accepts a JWT signed with the key of the app', async () => {
    const { data } = await asApp(connected.github, connected.app).rest.apps.getAuthenticated()

    expect(data).toMatchObject({ id: connected.app.appId, slug: 'tailgate' })
  })

  test('refuses a JWT signed with another key', async () => {
    const { github } = connected
    const stranger = github.createApp({ appId: 77, slug: 'stranger' })

    const answer = await getApp(signJwt({ iat: nowSeconds - 30, exp: nowSeconds + 300 }, stranger.privateKey))

    expect(answer).toEqual({ status: 401, message: 'A JSON web token could not be decoded' })
  })

  test('refuses a JWT that lives longer than ten minutes', async () => {
    const answer = await getApp(signJwt({ iat: nowSeconds - 30, exp: nowSeconds + 3600 }))

    expect(answer.message).toContain('too far in the future')
  })

  test('refuses an expired JWT', async () => {
    const answer = await getApp(signJwt({ iat: nowSeconds - 600, exp: nowSeconds - 10 }))

    expect(answer.status).toBe(401)
  })

  test('refuses a JWT from the future', async () => {
    const answer = await getApp(signJwt({ iat: nowSeconds + 120, exp: nowSeconds + 300 }))

    expect(answer.message).toContain("'Issued at' claim")
  })
})

describe('installation tokens', () => {
  test('reach every installed repository by default', async () => {
    const octokit = withToken(connected.github, await createToken({}))

    const { data } = await octokit.rest.apps.listReposAccessibleToInstallation()

    expect(data.repositories.map((repository) => repository.name)).toEqual(['models', 'other'])
  })

  test('narrowed to one repository do not see another', async () => {
    const octokit = withToken(connected.github, await createToken({ repository_ids: [repositoryId] }))

    await octokit.rest.repos.get({ owner: 'octo', repo: 'models' })

    await expect(octokit.rest.repos.get({ owner: 'octo', repo: 'other' })).rejects.toMatchObject({ status: 404 })
  })

  test('narrowed to contents:read cannot create a check run', async () => {
    const octokit = withToken(connected.github, await createToken({ permissions: { contents: 'read' } }))

    const attempt = octokit.rest.checks.create({ owner: 'octo', repo: 'models', name: 'x', head_sha: 'a'.repeat(40) })

    await expect(attempt).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('Resource not accessible by integration')
    })
  })

  test('cannot be asked for a permission that the app lacks', async () => {
    await expect(createToken({ permissions: { contents: 'write' } })).rejects.toMatchObject({ status: 422 })
  })

  test('cannot be asked for a repository outside the installation', async () => {
    await expect(createToken({ repositories: ['hidden'] })).rejects.toMatchObject({ status: 422 })
  })

  test('stop working once revoked', async () => {
    const octokit = withToken(connected.github, await createToken({}))

    await octokit.rest.apps.revokeInstallationAccessToken()

    await expect(octokit.rest.repos.get({ owner: 'octo', repo: 'models' })).rejects.toMatchObject({ status: 401 })
  })

  test('stop working once expired', async () => {
    const octokit = withToken(connected.github, await createToken({}))

    connected.github.expireTokens()

    await expect(octokit.rest.repos.get({ owner: 'octo', repo: 'models' })).rejects.toMatchObject({ status: 401 })
  })

  test('do not show repositories that are not installed, except public ones', async () => {
    const octokit = withToken(connected.github, await createToken({}))

    const { data } = await octokit.rest.repos.get({ owner: 'octo', repo: 'open' })

    expect(data.full_name).toBe('octo/open')
    await expect(octokit.rest.repos.get({ owner: 'octo', repo: 'hidden' })).rejects.toMatchObject({ status: 404 })
  })

  test('have the longer form where the app is set to it, and no log keeps them', async () => {
    const { github } = connected
    const modern = github.createApp({ appId: 78, slug: 'modern', tokenFormat: 'jwt' })
    const octokit = await asInstallation(github, modern, 'octo')
    const auth: unknown = await octokit.auth({ type: 'installation' })
    const token = typeof auth === 'object' && auth !== null && 'token' in auth ? String(auth.token) : ''

    await octokit.request('GET /repos/{owner}/{repo}', { owner: 'octo', repo: token }).catch(() => undefined)

    expect(token).toMatch(/^ghs_78_[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(JSON.stringify(github.requests)).not.toContain(token)
  })
})

describe('rate limits', () => {
  test('are counted down in the headers', async () => {
    const octokit = withToken(connected.github, await createToken({}))

    const first = await octokit.rest.repos.get({ owner: 'octo', repo: 'models' })
    const second = await octokit.rest.repos.get({ owner: 'octo', repo: 'models' })

    const remaining = (headers: object): number => Number(new Map(Object.entries(headers)).get('x-ratelimit-remaining'))
    expect(remaining(first.headers) - remaining(second.headers)).toBe(1)
  })

  test('refuse with 403 when used up', async () => {
    const small = await connectApp({}, { rateLimit: 3 })
    await small.github.createRepository({ owner: 'octo', name: 'models' })
    const octokit = await asInstallation(small.github, small.app, 'octo')
    const get = () => octokit.rest.repos.get({ owner: 'octo', repo: 'models' })
    await get()
    await get()
    await get()

    await expect(get()).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('API rate limit exceeded')
    })
    await small.close()
  })
})

describe('injected faults', () => {
  test('answer as many requests as asked, then let the next through', async () => {
    const octokit = withToken(connected.github, await createToken({}))
    connected.github.fail({ path: /\/repos\/octo\/models$/, status: 502, headers: { 'retry-after': '7' }, times: 2 })
    const get = () => octokit.rest.repos.get({ owner: 'octo', repo: 'models' })

    await expect(get()).rejects.toMatchObject({ status: 502, response: { headers: { 'retry-after': '7' } } })
    await expect(get()).rejects.toMatchObject({ status: 502 })

    expect((await get()).status).toBe(200)
  })

  test('can hold an answer back until the client gives up', async () => {
    connected.github.delay({ path: /\/api\/v3\/app$/, ms: 60_000 })

    const attempt = fetch(`${connected.github.apiUrl}/app`, { signal: AbortSignal.timeout(50) })

    await expect(attempt).rejects.toThrow(/timeout/)
  })
})

describe('an answer that GitHub would not give', () => {
  const impossible = { permissions: { checks: 'splendid' } }

  test('is a violation, and a 500', async () => {
    const { github, app, close } = await connectApp(impossible)
    await github.createRepository({ owner: 'octo', name: 'models' })

    await expect(asApp(github, app).rest.apps.listInstallations()).rejects.toMatchObject({ status: 500 })

    expect(github.violations.map((violation) => violation.where)).toContain('apps/list-installations 200')
    await close()
  })

  test('is a violation but goes out where the stand-in is not strict', async () => {
    const { github, app, close } = await connectApp(impossible, { strict: false })
    await github.createRepository({ owner: 'octo', name: 'models' })

    expect((await asApp(github, app).rest.apps.listInstallations()).status).toBe(200)

    expect(github.violations.length).toBeGreaterThan(0)
    await close()
  })
})

test('a suspended installation gets no tokens until it is taken back', async () => {
  connected.github.suspend('octo', connected.app.appId)

  await expect(createToken({})).rejects.toMatchObject({ status: 403 })

  connected.github.unsuspend('octo', connected.app.appId)
  expect(await createToken({})).toMatch(/^ghs_\w{36}$/)
})
