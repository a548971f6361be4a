import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { z } from 'zod'

const MEDIA_TYPE = 'application/vnd.git-lfs+json'
const BATCH_SUFFIX = '/info/lfs/objects/batch'
const OBJECT_PREFIX = '/lfs-objects/'

/** What a batch request asks for: git-lfs/docs/api/batch.md. */
const BatchRequest = z.looseObject({
  operation: z.literal('download'),
  objects: z.array(z.looseObject({ oid: z.string(), size: z.int() })).min(1)
})

/** How the server misbehaves with one object. */
export type LfsFault =
  /** The batch answer says that there is no such object. */
  | { readonly kind: 'absent' }
  /** The object's own address answers with this status. */
  | { readonly kind: 'status'; readonly status: number }
  /** Other bytes than the hash says. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** The object's own address leads to another one. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** The batch answer names another address, as GitHub does. */
  | { readonly kind: 'elsewhere'; readonly href: string; readonly header?: Readonly<Record<string, string>> }
  /** The first bytes come and nothing more. */
  | { readonly kind: 'stalled'; readonly started: () => void }
  /** More and more bytes, without an end. */
  | { readonly kind: 'endless' }

export interface LfsServer {
  /** Answers what belongs to LFS; `false` when a request does not. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Keeps the bytes and returns the pointer to commit in their place. */
  readonly store: (bytes: Buffer) => { readonly oid: string; readonly pointer: string }
  readonly misbehave: (oid: string, fault: LfsFault) => void
  /** From now on the batch address answers with this status. */
  readonly failBatches: (status: number, message: string) => void
  /** Batch requests so far, by the hashes they asked for. */
  readonly batches: () => readonly (readonly string[])[]
}

/** A Git LFS server with the batch API and basic transfers, for those who send `authorization` to the batch address. */
export function createLfsServer(authorization: string | null): LfsServer {
  const objects = new Map<string, Buffer>()
  const faults = new Map<string, LfsFault>()
  const batches: string[][] = []
  let batchFailure: { readonly status: number; readonly message: string } | null = null

  async function answerBatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(request)
    if (authorization !== null && request.headers.authorization !== authorization) {
      response.setHeader('LFS-Authenticate', 'Basic realm="test"')
      return sendJson(response, 401, { message: 'Credentials needed' })
    }
    if (batchFailure !== null) return sendJson(response, batchFailure.status, { message: batchFailure.message })
    const { objects: wanted } = BatchRequest.parse(JSON.parse(text))
    batches.push(wanted.map(({ oid }) => oid))
    const origin = `http://${request.headers.host}`
    sendJson(response, 200, { transfer: 'basic', objects: wanted.map((one) => describeObject(one, origin)) })
  }

  function describeObject({ oid, size }: { readonly oid: string; readonly size: number }, origin: string) {
    const fault = faults.get(oid)
    if (!objects.has(oid) || fault?.kind === 'absent') {
      return { oid, size, error: { code: 404, message: 'Object does not exist' } }
    }
    const download =
      fault?.kind === 'elsewhere'
        ? { href: fault.href, header: fault.header ?? {} }
        : { href: `${origin}${OBJECT_PREFIX}${oid}` }
    return { oid, size, authenticated: true, actions: { download } }
  }

  function answerObject(oid: string, response: ServerResponse): void {
    const bytes = objects.get(oid) ?? Buffer.alloc(0)
    const fault = faults.get(oid)
    switch (fault?.kind) {
      case 'status':
        response.writeHead(fault.status).end()
        return
      case 'bytes':
        response.end(fault.bytes)
        return
      case 'redirect':
        response.writeHead(302, { location: fault.location }).end()
        return
      case 'stalled':
        response.write(bytes.subarray(0, 1), fault.started)
        return
      case 'endless':
        pourForever(response)
        return
      default:
        response.end(bytes)
    }
  }

  return {
    answer: (request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname
      if (path.endsWith(BATCH_SUFFIX)) void answerBatch(request, response)
      else if (path.startsWith(OBJECT_PREFIX)) answerObject(path.slice(OBJECT_PREFIX.length), response)
      else return false
      return true
    },
    store: (bytes) => {
      const oid = createHash('sha256').update(bytes).digest('hex')
      objects.set(oid, bytes)
      return { oid, pointer: writePointer(oid, bytes.length) }
    },
    misbehave: (oid, fault) => void faults.set(oid, fault),
    failBatches: (status, message) => {
      batchFailure = { status, message }
    },
    batches: () => batches
  }
}

/** A server that has only LFS. */
export function serveLfs(lfs: LfsServer): RequestListener {
  return (request, response) => {
    if (!lfs.answer(request, response)) response.writeHead(404).end()
  }
}

/** A pointer file as git-lfs writes it. */
export function writePointer(oid: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': MEDIA_TYPE }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function pourForever(response: ServerResponse): void {
  const pour = () => {
    while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
  }
  response.on('drain', pour)
  pour()
}
