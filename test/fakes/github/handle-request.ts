import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiContract, ContractRequest, MatchedOperation, Violation } from './api-contract.ts'
import type { Actor } from './authentication.ts'
import { authenticate } from './authentication.ts'
import { authorizeKind, authorizeRepository } from './authorization.ts'
import type { Faults } from './faults.ts'
import { parseGitPath, serveGit } from './git-http.ts'
import { describeError, GitHubError, invalidRequest, notFound } from './github-error.ts'
import type { Json, JsonObject } from './json.ts'
import { isJsonObject } from './json.ts'
import { answerGraphql } from './operations/graphql.ts'
import type { Answer, Operation, Operations } from './operations/operation.ts'
import type { RateLimits } from './rate-limits.ts'
import type { RequestRecord } from './request-log.ts'
import { describeActor, redactBody, redactHeaders, redactTokens } from './request-log.ts'
import type { World } from './world.ts'

export interface RequestDeps {
  readonly world: World
  readonly contract: ApiContract
  readonly operations: Operations
  readonly faults: Faults
  readonly rateLimits: RateLimits
  readonly report: (violation: Violation) => void
  readonly record: (request: RequestRecord) => void
  /** Answer 500 where a response of ours breaks GitHub's contract. */
  readonly isStrict: boolean
}

const apiRoot = '/api/v3'
const graphqlPath = '/api/graphql'
const largestBodyBytes = 25 * 1024 * 1024

/** What is known of a request while it is handled, for the log. */
interface Progress {
  actor: Actor
  operationId: string | undefined
  body: JsonObject | undefined
}

/** Handles one HTTP request: fault, git, REST or GraphQL; logs it with the status it got. */
export async function handleRequest(
  deps: RequestDeps,
  incoming: IncomingMessage,
  outgoing: ServerResponse
): Promise<void> {
  const url = incoming.url ?? '/'
  const method = incoming.method ?? 'GET'
  const progress: Progress = { actor: { kind: 'anonymous' }, operationId: undefined, body: undefined }
  outgoing.on('close', () => {
    deps.record({
      method,
      url: redactTokens(url),
      operationId: progress.operationId,
      actor: describeActor(progress.actor),
      headers: redactHeaders(incoming.headers),
      body: redactBody(progress.body),
      status: outgoing.statusCode
    })
  })
  try {
    const fault = await deps.faults.apply(method, url)
    if (fault !== undefined) {
      // The log shows what was asked even where the answer was rigged.
      if (method !== 'GET') progress.body = await readJsonBody(incoming)
      writeJson(outgoing, fault.status, { ...fault.headers }, fault.body ?? { message: 'Injected by the test' })
      return
    }
    await dispatch(deps, incoming, outgoing, progress)
  } catch (error) {
    writeError(deps, outgoing, progress, error)
  }
}

async function dispatch(
  deps: RequestDeps,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  progress: Progress
): Promise<void> {
  const url = incoming.url ?? '/'
  const [path = '/'] = url.split('?', 1)
  const git = parseGitPath(path)
  if (git !== undefined && !path.startsWith('/api/')) {
    await serveGit(deps.world, git, incoming, outgoing)
    return
  }
  if (path !== graphqlPath && !path.startsWith(`${apiRoot}/`)) throw notFound()
  progress.body = await readJsonBody(incoming)
  progress.actor = authenticate(deps.world, incoming.headers.authorization)
  const headers = deps.rateLimits.count(progress.actor)
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value)
  if (path === graphqlPath) {
    if (incoming.method !== 'POST') throw notFound()
    writeAnswer(outgoing, answerGraphql(deps.world, progress.actor, progress.body ?? {}))
    return
  }
  const request = {
    method: (incoming.method ?? 'GET').toLowerCase(),
    path: url.slice(apiRoot.length),
    headers: {},
    body: progress.body
  }
  const matched = deps.contract.matchOperation(request)
  const operation = matched === undefined ? undefined : deps.operations[matched.operationId]
  if (matched === undefined || operation === undefined) throw notFound()
  progress.operationId = matched.operationId
  const accept = incoming.headers.accept ?? ''
  await answerOperation(deps, outgoing, { actor: progress.actor, request, matched, operation, accept, url })
}

interface Matched {
  readonly actor: Actor
  readonly request: ContractRequest
  readonly matched: MatchedOperation
  readonly operation: Operation
  readonly accept: string
  readonly url: string
}

/** GitHub's order: who are you, may you see it, may you do it, is the request right. */
async function answerOperation(deps: RequestDeps, outgoing: ServerResponse, asked: Matched): Promise<void> {
  const { actor, request, matched, operation } = asked
  const call = {
    params: matched.params,
    query: new URL(request.path, deps.world.origin).searchParams,
    body: request.body ?? {},
    actor,
    accept: asked.accept,
    url: asked.url
  }
  const checkRequest = (): void => {
    const problem = deps.contract.findRequestProblem(matched.operationId, request)
    if (problem !== undefined) throw invalidRequest(problem)
  }
  let answer: Answer
  if (operation.kind === 'repository') {
    const target = { owner: matched.params.owner ?? '', name: matched.params.repo ?? '' }
    const repository = authorizeRepository(deps.world.state, actor, target, operation.anyOf)
    checkRequest()
    answer = await operation.handle(deps.world, { ...call, repository })
  } else {
    authorizeKind(actor, operation.kind)
    checkRequest()
    answer = await operation.handle(deps.world, call)
  }
  checkAnswer(deps, matched.operationId, answer)
  writeAnswer(outgoing, answer)
}

/** Records an answer that GitHub would not have given. */
function checkAnswer(deps: RequestDeps, operationId: string, answer: Answer): void {
  const body = answer.kind === 'json' ? answer.body : undefined
  const problems = deps.contract.findResponseProblems(operationId, answer.status, body)
  if (problems.length === 0) return
  deps.report({ where: `${operationId} ${answer.status}`, problems })
  if (deps.isStrict) {
    throw new Error(`The GitHub stand-in broke GitHub's contract in ${operationId}: ${problems.join('; ')}`)
  }
}

function writeError(deps: RequestDeps, outgoing: ServerResponse, progress: Progress, error: unknown): void {
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  if (error instanceof GitHubError) {
    writeJson(outgoing, error.status, error.headers, describeError(error))
    return
  }
  const message = error instanceof Error ? error.message : String(error)
  deps.report({ where: progress.operationId ?? 'request', problems: [message] })
  writeJson(outgoing, 500, {}, { message: `The GitHub stand-in failed: ${message}` })
}

function writeAnswer(outgoing: ServerResponse, answer: Answer): void {
  switch (answer.kind) {
    case 'json':
      writeJson(outgoing, answer.status, answer.headers, answer.body)
      return
    case 'raw':
      outgoing.writeHead(answer.status, { 'content-type': answer.contentType })
      outgoing.end(answer.content)
      return
    case 'empty':
      outgoing.writeHead(answer.status)
      outgoing.end()
      return
    default:
      throw new Error(`Unknown answer ${JSON.stringify(answer satisfies never)}`)
  }
}

function writeJson(
  outgoing: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  outgoing.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-github-media-type': 'github.v3; format=json',
    'x-github-enterprise-version': '3.19.0',
    ...headers
  })
  outgoing.end(text)
}

async function readJsonBody(incoming: IncomingMessage): Promise<JsonObject | undefined> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of incoming) {
    chunks.push(chunk)
    sizeBytes += chunk.length
    if (sizeBytes > largestBodyBytes) throw new GitHubError(413, 'Payload too large')
  }
  if (sizeBytes === 0) return undefined
  const parsed = parseJson(Buffer.concat(chunks).toString('utf8'))
  if (parsed === undefined) throw new GitHubError(400, 'Problems parsing JSON')
  if (!isJsonObject(parsed)) throw new GitHubError(400, 'Body should be a JSON object')
  return parsed
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
