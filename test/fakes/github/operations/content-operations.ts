import type { TreeEntry } from '../git-repository.ts'
import { listTree, readBlob, readTreeEntry, resolveCommit } from '../git-repository.ts'
import { GitHubError, notFound } from '../github-error.ts'
import type { JsonObject } from '../json.ts'
import { repositoryPage, repositoryUrl } from '../representations/describe-repository.ts'
import type { RepositoryRecord } from '../state.ts'
import type { World } from '../world.ts'
import type { Answer, Operations, RepositoryCall } from './operation.ts'
import { answer } from './operation.ts'

/** Up to here the answer carries the file; above it only the raw media type does, up to the second limit. */
const largestInlineBytes = 1024 * 1024
const largestFileBytes = 100 * 1024 * 1024
const mostDirectoryEntries = 1000

interface Place {
  readonly repository: RepositoryRecord
  readonly commit: string
  readonly ref: string
}

function entryType(entry: TreeEntry): 'dir' | 'file' | 'symlink' | 'submodule' {
  if (entry.type === 'tree') return 'dir'
  if (entry.type === 'commit') return 'submodule'
  return entry.mode === '120000' ? 'symlink' : 'file'
}

function describeEntry(world: World, place: Place, entry: TreeEntry): JsonObject {
  const path = entry.path.split('/').map(encodeURIComponent).join('/')
  const url = `${repositoryUrl(world, place.repository)}/contents/${path}?ref=${encodeURIComponent(place.ref)}`
  const kind = entry.type === 'tree' ? 'tree' : 'blob'
  const gitUrl = `${repositoryUrl(world, place.repository)}/git/${kind}s/${entry.sha}`
  const page = `${repositoryPage(world, place.repository)}/${kind}/${encodeURIComponent(place.ref)}/${path}`
  return {
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    size: entry.sizeBytes,
    url,
    html_url: page,
    git_url: gitUrl,
    download_url: entry.type === 'tree' ? null : page.replace('/blob/', '/raw/'),
    type: entryType(entry),
    _links: { self: url, git: gitUrl, html: page }
  }
}

async function answerDirectory(world: World, place: Place, path: string): Promise<Answer> {
  const entries = await listTree(place.repository.folder, path === '' ? place.commit : `${place.commit}:${path}`)
  const prefix = path === '' ? '' : `${path}/`
  return answer(
    entries
      .slice(0, mostDirectoryEntries)
      .map((entry) => describeEntry(world, place, { ...entry, path: `${prefix}${entry.path}` }))
  )
}

async function answerFile(world: World, place: Place, entry: TreeEntry, accept: string): Promise<Answer> {
  if (entry.sizeBytes > largestFileBytes) {
    throw new GitHubError(403, 'This API returns blobs up to 100 MB in size. The requested blob is too large.', {
      details: [{ resource: 'Blob', field: 'data', code: 'custom', message: 'too_large' }]
    })
  }
  const { folder } = place.repository
  if (/raw(\+json)?($|[,;])/.test(accept)) {
    return {
      kind: 'raw',
      status: 200,
      content: await readBlob(folder, entry.sha),
      contentType: 'application/vnd.github.raw+json; charset=utf-8'
    }
  }
  const description = describeEntry(world, place, entry)
  if (entryType(entry) === 'symlink') {
    return answer({ ...description, target: (await readBlob(folder, entry.sha)).toString('utf8') })
  }
  if (entry.sizeBytes > largestInlineBytes) return answer({ ...description, content: '', encoding: 'none' })
  const base64 = (await readBlob(folder, entry.sha)).toString('base64')
  return answer({ ...description, content: base64.replaceAll(/.{60}/g, '$&\n'), encoding: 'base64' })
}

async function getContent(world: World, call: RepositoryCall): Promise<Answer> {
  const { repository } = call
  const path = (call.params.path ?? '').replaceAll(/^\/+|\/+$/g, '')
  const ref = call.query.get('ref') ?? repository.defaultBranch
  const commit = await resolveCommit(repository.folder, ref)
  if (commit === undefined) throw notFound(`No commit found for the ref ${ref}`)
  const place = { repository, commit, ref }
  if (path === '') return answerDirectory(world, place, '')
  const entry = await readTreeEntry(repository.folder, commit, path)
  if (entry === undefined) throw notFound()
  if (entry.type === 'tree') return answerDirectory(world, place, path)
  return answerFile(world, place, entry, call.accept)
}

export const contentOperations: Operations = {
  'repos/get-content': {
    kind: 'repository',
    anyOf: [{ name: 'contents', level: 'read' }],
    handle: getContent
  }
}
