import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectedApp } from './connected-app.ts'
import { asApp, connectApp, payloadOf, receivedNames, withToken } from './connected-app.ts'
import { readObject, readString } from './github/json.ts'
import type { Repository } from './github/repository-actions.ts'

const at = { owner: 'octo', repo: 'models' }
const events = ['check_run', 'check_suite', 'issue_comment', 'merge_group', 'pull_request', 'push']
const permissions = {
  checks: 'write',
  contents: 'read',
  issues: 'read',
  merge_queues: 'read',
  pull_requests: 'write'
}
let connected: ConnectedApp
let repository: Repository

beforeEach(async () => {
  connected = await connectApp({ events, permissions })
  repository = await connected.github.createRepository({ owner: 'octo', name: 'models' })
  await connected.github.deliveriesSettled()
})

afterEach(async () => {
  expect(connected.github.violations).toEqual([])
  await connected.close()
})

async function openPullRequest() {
  const { github } = connected
  await github.commit(repository, 'feature', { files: { 'a.txt': 'a' }, author: 'alice' })
  return github.openPullRequest(repository, { head: 'feature', author: 'alice' })
}

describe('a delivery', () => {
  test('is signed with the secret of the app and looks like one of GitHub', async () => {
    await openPullRequest()
    await connected.github.deliveriesSettled()

    const webhook = connected.receiver.received.at(-1)
    const signature = createHmac('sha256', connected.app.webhookSecret)
      .update(webhook?.body ?? '')
      .digest('hex')
    expect(webhook?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
      'x-github-event': 'pull_request',
      'x-github-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-hub-signature-256': `sha256=${signature}`
    })
  })

  test('keeps the status and body that it got', async () => {
    connected.receiver.answerWith(503)
    await openPullRequest()
    await connected.github.deliveriesSettled()

    const outcome = connected.github.deliveries.at(-1)?.outcome
    expect(outcome).toEqual({ kind: 'answered', status: 503, statusText: 'Service Unavailable', body: 'received' })
  })

  test('is recorded as failed when nobody listens', async () => {
    connected.github.setWebhookUrl('http://127.0.0.1:1/')
    await openPullRequest()
    await connected.github.deliveriesSettled()

    expect(connected.github.deliveries.at(-1)?.outcome.kind).toBe('failed')
  })

  test('is sent again under the same GUID', async () => {
    await openPullRequest()
    const first = connected.github.deliveries.at(-1)

    connected.github.redeliver(first?.id ?? 0)
    await connected.github.deliveriesSettled()

    const [one, two] = connected.receiver.received.slice(-2)
    expect(two?.headers['x-github-delivery']).toBe(one?.headers['x-github-delivery'])
    expect(two?.body).toBe(one?.body)
  })

  test('is listed for the app and can be sent again by it', async () => {
    await openPullRequest()
    await connected.github.deliveriesSettled()
    const app = asApp(connected.github, connected.app)

    const { data } = await app.rest.apps.listWebhookDeliveries({ per_page: 1 })
    await app.rest.apps.redeliverWebhookDelivery({ delivery_id: data[0]?.id ?? 0 })

    expect(data).toMatchObject([{ event: 'pull_request', action: 'opened', status_code: 202, redelivery: false }])
    expect(connected.github.deliveries.at(-1)).toMatchObject({ guid: data[0]?.guid, isRedelivery: true })
  })

  test('can be held and delivered out of order, with the payload of its own time', async () => {
    const { github } = connected
    const pull = await openPullRequest()
    await github.deliveriesSettled()
    const count = connected.receiver.received.length
    github.pauseDeliveries()
    const second = await github.commit(repository, 'feature', { files: { 'a.txt': 'b' } })

    await github.closePullRequest(repository, pull.number)
    github.resumeDeliveries('reversed')
    await github.deliveriesSettled()

    const late = connected.receiver.received.slice(count).map(payloadOf)
    expect(late.map((payload) => readString(payload, 'action'))).toEqual(['closed', 'synchronize', undefined])
    const synchronized = readObject(late[1] ?? {}, 'pull_request') ?? {}
    expect(synchronized).toMatchObject({ state: 'open', head: { sha: second } })
  })

  test('made by hand can have any signature, type and body', async () => {
    const { github, receiver } = connected

    github.deliver({ event: 'ping', payload: 'not json', secret: 'wrong', contentType: 'text/plain', guid: 'g-1' })
    github.deliver({ event: 'ping', payload: {}, secret: null })
    await github.deliveriesSettled()

    const [forged, unsigned] = receiver.received.slice(-2)
    const wrong = `sha256=${createHmac('sha256', 'wrong').update('not json').digest('hex')}`
    expect(forged).toMatchObject({
      body: 'not json',
      headers: { 'content-type': 'text/plain', 'x-github-delivery': 'g-1', 'x-hub-signature-256': wrong }
    })
    expect(unsigned?.headers).not.toHaveProperty('x-hub-signature-256')
  })

  test('goes only to apps that are subscribed, installed and not suspended', async () => {
    const { github, receiver } = connected
    github.createApp({ appId: 60, slug: 'quiet', webhookUrl: receiver.url, events: [] })
    await github.createRepository({ owner: 'octo', name: 'hidden', installed: false })
    await github.deliveriesSettled()
    const before = receiver.received.length

    await github.commit('octo/hidden', 'main', { files: { x: 'x' } })
    github.suspend('octo', connected.app.appId)
    await github.commit(repository, 'main', { files: { x: 'x' } })

    expect((await receivedNames(connected)).slice(before)).toEqual(['installation.suspend'])
  })
})

test('an app hears that it was installed and removed, and its tokens die', async () => {
  const { github, app } = connected
  const { data: installation } = await asApp(github, app).rest.apps.getRepoInstallation(at)
  const scope = { installation_id: installation.id }
  const { data } = await asApp(github, app).rest.apps.createInstallationAccessToken(scope)

  github.uninstall('octo')

  expect(await receivedNames(connected)).toEqual(
    expect.arrayContaining(['installation.created', 'installation.deleted'])
  )
  await expect(withToken(github, data.token).rest.repos.get(at)).rejects.toMatchObject({ status: 401 })
})
