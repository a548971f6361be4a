import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/rest'
import type { App, NewApp } from './github/app-actions.ts'
import type { GitHubStandIn } from './github/github-stand-in.ts'
import type { JsonObject } from './github/json.ts'
import { parseJsonObject, readString } from './github/json.ts'
import type { GitHubOptions } from './github/start-github.ts'
import { startGitHub } from './github/start-github.ts'

export interface ReceivedWebhook {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

export interface WebhookReceiver {
  readonly url: string
  readonly received: readonly ReceivedWebhook[]
  /** Status of the answers from now on; 202 at first. */
  answerWith: (status: number) => void
  readonly close: () => Promise<void>
}

/** An HTTP server that keeps every webhook it gets. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = []
  let status = 202
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk) => chunks.push(chunk))
    incoming.on('end', () => {
      received.push({ headers: incoming.headers, body: Buffer.concat(chunks).toString('utf8') })
      outgoing.writeHead(status).end('received')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('The webhook receiver got no port')
  return {
    url: `http://127.0.0.1:${address.port}/webhooks`,
    received,
    answerWith: (next) => {
      status = next
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}

export interface ConnectedApp {
  readonly github: GitHubStandIn
  readonly receiver: WebhookReceiver
  readonly app: App
  readonly close: () => Promise<void>
}

/** The stand-in with one app, whose webhooks go to a receiver. */
export async function connectApp(newApp: NewApp = {}, options: GitHubOptions = {}): Promise<ConnectedApp> {
  const receiver = await startWebhookReceiver()
  const github = await startGitHub(options)
  const app = github.createApp({ webhookUrl: receiver.url, ...newApp })
  const close = async (): Promise<void> => {
    await github.close()
    await receiver.close()
  }
  return { github, receiver, app, close }
}

/** Octokit as the app itself (by JWT). */
export function asApp(github: GitHubStandIn, app: App): Octokit {
  const auth = { appId: app.appId, privateKey: app.privateKey }
  return new Octokit({ baseUrl: github.apiUrl, authStrategy: createAppAuth, auth, log: silent })
}

/** Octokit as the app's installation on `owner`. */
export async function asInstallation(github: GitHubStandIn, app: App, owner: string): Promise<Octokit> {
  const { data } = await asApp(github, app).rest.apps.listInstallations()
  const installation = data.find((candidate) => candidate.account !== null && loginOf(candidate.account) === owner)
  if (installation === undefined) throw new Error(`${app.slug} is not installed on ${owner}`)
  const auth = { appId: app.appId, privateKey: app.privateKey, installationId: installation.id }
  return new Octokit({ baseUrl: github.apiUrl, authStrategy: createAppAuth, auth, log: silent })
}

/** Octokit with a token made elsewhere. */
export function withToken(github: GitHubStandIn, token: string): Octokit {
  return new Octokit({ baseUrl: github.apiUrl, auth: token, log: silent })
}

/** What arrived so far, as `event.action`. */
export async function receivedNames({ github, receiver }: ConnectedApp): Promise<readonly string[]> {
  await github.deliveriesSettled()
  return receiver.received.map((webhook) => {
    const action = readString(payloadOf(webhook), 'action')
    return `${webhook.headers['x-github-event']}${action === undefined ? '' : `.${action}`}`
  })
}

/** The payload of the newest `event`; throws when none arrived. */
export async function lastPayload({ github, receiver }: ConnectedApp, event: string): Promise<JsonObject> {
  await github.deliveriesSettled()
  const found = receiver.received.findLast((webhook) => webhook.headers['x-github-event'] === event)
  if (found === undefined) throw new Error(`No ${event} arrived`)
  return payloadOf(found)
}

export function payloadOf(webhook: ReceivedWebhook): JsonObject {
  return parseJsonObject(JSON.parse(webhook.body), 'webhook')
}

function loginOf(account: object): string | undefined {
  return 'login' in account && typeof account.login === 'string' ? account.login : undefined
}

/** Refused requests are what these tests are about: no need to log them. */
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore }

function ignore(): void {
  // Nothing to do.
}
