import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpenAPIBackend } from 'openapi-backend'
import type { Json, JsonObject } from './json.ts'
import { isJsonObject, parseJsonObject } from './json.ts'

/** A message of the stand-in that GitHub would not have sent: a bug here, never in the code under test. */
export interface Violation {
  readonly where: string
  readonly problems: readonly string[]
}

export interface MatchedOperation {
  readonly operationId: string
  readonly params: Readonly<Record<string, string>>
}

/** A request in the validator's terms; `path` with its query, below the API root. */
export interface ContractRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: JsonObject | undefined
}

export interface ApiContract {
  readonly matchOperation: (request: ContractRequest) => MatchedOperation | undefined
  /** GitHub's words for the first problem of a request, undefined when there is none. */
  readonly findRequestProblem: (operationId: string, request: ContractRequest) => string | undefined
  readonly findResponseProblems: (operationId: string, status: number, body: Json | undefined) => readonly string[]
  /** Undefined `action` for events without one, such as push. */
  readonly findPayloadProblems: (event: string, action: string | null, payload: JsonObject) => readonly string[]
}

interface ValidationError {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string
  readonly params: unknown
}

const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/
const formats = {
  'date-time': dateTime,
  uri: (text: string) => URL.canParse(text),
  'uri-template': (text: string) => URL.canParse(text.replaceAll(/\{[^{}]*\}/g, '')),
  email: /^\S+@\S+$/
}

/**
 * Names with slashes (paths, branches, `base...head`) may arrive unencoded on GitHub. The router knows one segment per
 * parameter, so such a rest is encoded first.
 */
function encodeLongSegments(path: string): string {
  if (/^\/repos\/[^/]+\/[^/]+\/contents\/?$/.test(path)) return `${path.replace(/\/$/, '')}/%2F`
  const match = /^(\/repos\/[^/]+\/[^/]+\/(?:contents|branches|commits|compare)\/)(.+?)(\/check-runs)?$/.exec(path)
  if (match === null) return path
  const [, start = '', rest = '', end = ''] = match
  return `${start}${rest.replaceAll('/', '%2F')}${end}`
}

function describeRequestError(error: ValidationError, body: JsonObject | undefined): string {
  const params = isJsonObject(error.params) ? error.params : {}
  const pointer = error.instancePath.replace(/^\/requestBody\/?/, '')
  if (error.keyword === 'required') return `"${params.missingProperty}" wasn't supplied.`
  if (error.keyword === 'maxLength') {
    const value = readPointer(body, pointer)
    const length = typeof value === 'string' ? value.length : 0
    return `Only ${params.limit} characters are allowed; ${length} were supplied.`
  }
  if (error.keyword === 'maxItems') {
    const value = readPointer(body, pointer)
    return `No more than ${params.limit} items are allowed; ${Array.isArray(value) ? value.length : 0} were supplied.`
  }
  if (error.keyword === 'enum') {
    return `${JSON.stringify(readPointer(body, pointer))} is not a member of ${JSON.stringify(params.allowedValues)}.`
  }
  return `For '${pointer.replaceAll('/', '.')}', ${error.message ?? error.keyword}.`
}

function readPointer(body: JsonObject | undefined, pointer: string): unknown {
  let value: unknown = body
  for (const key of pointer.split('/')) {
    if (Array.isArray(value)) value = value[Number(key)]
    else if (isJsonObject(value)) value = value[key]
  }
  return value
}

function describeErrors(errors: readonly ValidationError[] | null | undefined): readonly string[] {
  return (errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message ?? error.keyword}`)
}

/** `application/json` lets the validator see the body, whatever media type the client named. */
function toBackendRequest(request: ContractRequest, path: string) {
  return {
    method: request.method,
    path,
    headers: request.body === undefined ? {} : { 'content-type': 'application/json' },
    ...(request.body === undefined ? {} : { body: request.body })
  }
}

let contract: Promise<ApiContract> | undefined

/** The contract, loaded once per process: its validators hold no state, and compiling them is what takes time. */
export function loadApiContract(): Promise<ApiContract> {
  contract ??= readApiContract()
  return contract
}

/**
 * GitHub's published contract for the operations and webhooks of the stand-in (`openapi.json`, cut from
 * @octokit/openapi). Validators are compiled on first use: compiling all of them takes a second or two.
 */
async function readApiContract(): Promise<ApiContract> {
  const definition = parseJsonObject(JSON.parse(readFileSync(join(import.meta.dirname, 'openapi.json'), 'utf8')), 'cut')
  const backend = new OpenAPIBackend({
    definition: JSON.parse(JSON.stringify(definition)),
    quick: true,
    // The cut never changes at run time, so checking and optimising it on every start would only cost time.
    ajvOpts: { formats, validateSchema: false, code: { optimize: false } }
  })
  await backend.init()
  const { router, validator } = backend

  function normalize(path: string): string {
    const [route = '', query] = path.split('?', 2)
    return query === undefined ? encodeLongSegments(route) : `${encodeLongSegments(route)}?${query}`
  }

  return {
    matchOperation: (request) => {
      const normalized = toBackendRequest(request, normalize(request.path))
      const operation = router.matchOperation(normalized)
      if (operation?.operationId === undefined) return undefined
      const { params } = router.parseRequest(normalized, operation)
      const decoded = Object.entries(params).map(([key, value]) => [key, decodeURIComponent(String(value))])
      return { operationId: operation.operationId, params: Object.fromEntries(decoded) }
    },
    findRequestProblem: (operationId, request) => {
      const { errors } = validator.validateRequest(toBackendRequest(request, normalize(request.path)), operationId)
      // GitHub ignores query parameters that it does not know.
      const first = errors?.find((error) => error.instancePath !== '/query' || error.keyword !== 'additionalProperties')
      return first === undefined ? undefined : describeRequestError(first, request.body)
    },
    findResponseProblems: (operationId, status, body) => {
      const documented = Object.keys(router.getOperation(operationId)?.responses ?? {})
      // Clients meet refusals that the description leaves out; a success that it leaves out is our mistake.
      if (status < 400 && !documented.includes(String(status))) return [`/ status ${status} is not documented`]
      return body === undefined ? [] : describeErrors(validator.validateResponse(body, operationId, status).errors)
    },
    findPayloadProblems: (event, action, payload) => {
      const name = [event, action]
        .filter((part) => part !== null)
        .join('/')
        .replaceAll('_', '-')
      const path = `/_webhooks/${name}`
      if (router.getOperation(`webhook/${name}`) === undefined) return [`/ ${name} is not in the cut`]
      const request = { method: 'post', path, headers: {}, body: payload }
      return describeErrors(validator.validateRequest(toBackendRequest(request, path), `webhook/${name}`).errors)
    }
  }
}
