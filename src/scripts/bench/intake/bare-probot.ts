/**
 * What the intake is measured against: a Probot app that takes the same deliveries and does nothing with them. It checks
 * the signature, parses the body and answers, as every Probot app does.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import pino from 'pino'
import { createNodeMiddleware, Probot } from 'probot'

export interface BareProbotSettings {
  readonly appId: number
  readonly privateKey: string
  readonly webhookSecret: string
  readonly apiUrl: string
  readonly webhookPath: string
}

const { appId, privateKey, webhookSecret, apiUrl, webhookPath }: BareProbotSettings = JSON.parse(process.argv[2] ?? '')
const probot = new Probot({
  appId,
  privateKey,
  secret: webhookSecret,
  baseUrl: apiUrl,
  log: pino({ name: 'bare', level: 'info' })
})
const middleware = await createNodeMiddleware((app) => app.on(['pull_request.synchronize'], () => undefined), {
  probot,
  webhooksPath: webhookPath
})
const server = createServer((request, response) => {
  void middleware(request, response, () => response.writeHead(404).end())
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
process.once('disconnect', () => process.exit(0))
process.send?.({ url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}${webhookPath}` })
