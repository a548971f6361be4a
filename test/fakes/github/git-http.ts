import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, dirname } from 'node:path'
import type { Actor } from './authentication.ts'
import { authenticate } from './authentication.ts'
import { authorizeRepository } from './authorization.ts'
import { gitEnvironment } from './git-repository.ts'
import { GitHubError } from './github-error.ts'
import type { RepositoryRecord } from './state.ts'
import type { World } from './world.ts'

export interface GitRequest {
  readonly owner: string
  readonly name: string
  readonly service: 'info/refs' | 'git-upload-pack' | 'git-receive-pack'
}

/** The git request that `path` is, undefined when it is something else. */
export function parseGitPath(path: string): GitRequest | undefined {
  const match = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(path)
  if (match === null) return undefined
  const [, owner = '', name = '', service] = match
  const known = service === 'git-upload-pack' || service === 'git-receive-pack' ? service : 'info/refs'
  return { owner: decodeURIComponent(owner), name: decodeURIComponent(name), service: known }
}

/** Git asks again with credentials only when it is told how. */
function askForCredentials(): GitHubError {
  return new GitHubError(401, 'Authentication required', { headers: { 'www-authenticate': 'Basic realm="GitHub"' } })
}

function authorizeGit(world: World, request: GitRequest, authorization: string | undefined): RepositoryRecord {
  const actor = authenticateGit(world, authorization)
  try {
    return authorizeRepository(world.state, actor, request, [{ name: 'contents', level: 'read' }])
  } catch (error) {
    // Without credentials a private repository and none look the same: git must try with credentials first.
    if (actor.kind === 'anonymous') throw askForCredentials()
    throw error
  }
}

function authenticateGit(world: World, authorization: string | undefined): Actor {
  try {
    const actor = authenticate(world, authorization)
    if (actor.kind !== 'app') return actor
  } catch (error) {
    if (!(error instanceof GitHubError) || error.status !== 401) throw error
  }
  throw askForCredentials()
}

/** Serves a fetch through `git http-backend`. Pushing is refused: people change the stand-in through its methods. */
export async function serveGit(
  world: World,
  request: GitRequest,
  incoming: IncomingMessage,
  outgoing: ServerResponse
): Promise<void> {
  const repository = authorizeGit(world, request, incoming.headers.authorization)
  const query = new URL(incoming.url ?? '/', world.origin).searchParams
  if (request.service === 'git-receive-pack' || query.get('service') === 'git-receive-pack') {
    throw new GitHubError(403, 'Write access to repository not granted.')
  }
  const backend = spawn('git', ['http-backend'], {
    env: describeCgi(repository, request, incoming, query),
    stdio: ['pipe', 'pipe', 'ignore']
  })
  outgoing.on('close', () => backend.kill())
  backend.stdin.on('error', () => undefined)
  incoming.pipe(backend.stdin)
  await relayCgi(backend.stdout, outgoing)
}

function describeCgi(
  repository: RepositoryRecord,
  request: GitRequest,
  incoming: IncomingMessage,
  query: URLSearchParams
): Record<string, string> {
  const { headers } = incoming
  const protocol = headers['git-protocol']
  return {
    ...gitEnvironment,
    GIT_PROJECT_ROOT: dirname(repository.folder),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${basename(repository.folder)}/${request.service}`,
    REQUEST_METHOD: incoming.method ?? 'GET',
    QUERY_STRING: query.toString(),
    CONTENT_TYPE: headers['content-type'] ?? '',
    ...(headers['content-encoding'] === undefined ? {} : { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
    ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol, HTTP_GIT_PROTOCOL: protocol } : {})
  }
}

/** Reads the CGI header block, then passes the rest through unchanged. */
function relayCgi(output: NodeJS.ReadableStream, outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    let pending: Buffer | undefined = Buffer.alloc(0)
    output.on('data', (chunk: Buffer) => {
      if (pending === undefined) {
        outgoing.write(chunk)
        return
      }
      pending = Buffer.concat([pending, chunk])
      const end = pending.indexOf('\r\n\r\n')
      if (end === -1) return
      writeCgiHeaders(pending.subarray(0, end).toString('latin1'), outgoing)
      outgoing.write(pending.subarray(end + 4))
      pending = undefined
    })
    output.on('error', reject)
    output.on('end', () => {
      if (!outgoing.headersSent) outgoing.writeHead(500)
      outgoing.end()
      resolve()
    })
  })
}

function writeCgiHeaders(block: string, outgoing: ServerResponse): void {
  const headers: Record<string, string> = {}
  for (const line of block.split('\r\n')) {
    const [name = '', ...value] = line.split(':')
    headers[name.toLowerCase()] = value.join(':').trim()
  }
  const { status = '200', ...rest } = headers
  outgoing.writeHead(Number.parseInt(status, 10), rest)
}
