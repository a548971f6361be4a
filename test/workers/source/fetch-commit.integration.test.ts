import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type FetchCommitOptions, fetchCommit } from '#workers/source/fetch-commit.ts'
import { SourceError } from '#workers/source/source-error.ts'
import { createGitRepository, type GitRepository } from './git-repository.ts'
import { type LocalServer, serveGit, startServer } from './git-server.ts'

const TOKEN = 'ghs_1234567_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl'
const AUTHORIZATION = `basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`
const MISSING_SHA = 'f'.repeat(40)
const KIB = 1024
const MIB = 1024 ** 2

let workDirectory: string
let repository: GitRepository
let firstSha: string
let lastSha: string
const servers: LocalServer[] = []

beforeAll(() => {
  workDirectory = mkdtempSync(join(tmpdir(), 'tailgate-source-'))
  repository = createGitRepository(join(workDirectory, 'repositories', 'plain'))
  firstSha = repository.commitFiles({ 'models/vad.onnx': 'first', 'docs/old.md': 'old' })
  rmSync(join(repository.directory, 'docs'), { recursive: true })
  lastSha = repository.commitFiles({ 'models/vad.onnx': 'second' })
})

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

afterAll(() => rmSync(workDirectory, { recursive: true, force: true }))

function freshDirectory(): string {
  return mkdtempSync(join(workDirectory, 'checkout-'))
}

/** Fetches from the plain local repository unless told otherwise, and returns the folder. */
async function fetchInto(options: Partial<FetchCommitOptions>): Promise<string> {
  const directory = freshDirectory()
  await fetchCommit({
    cloneUrl: repository.url,
    token: null,
    sha: lastSha,
    directory,
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    ...options
  })
  return directory
}

async function failureOf(options: Partial<FetchCommitOptions>): Promise<SourceError> {
  try {
    await fetchInto(options)
  } catch (error) {
    if (error instanceof SourceError) return error
    throw error
  }
  throw new Error('the fetch succeeded')
}

function listFiles(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort()
}

async function serve(...args: Parameters<typeof startServer>): Promise<LocalServer> {
  const server = await startServer(...args)
  servers.push(server)
  return server
}

/** A git program that writes down how it was called, and what its folder held when it was called. */
function writeRecordingGit(): { readonly path: string; readonly calls: () => string; readonly disk: () => string } {
  const directory = freshDirectory()
  const path = join(directory, "git's wrapper")
  const script = `#!/bin/sh
{ echo "call"; for arg in "$@"; do echo "arg $arg"; done; env | sed 's/^/env /'; } >> '${directory}/calls'
if [ -d "$GIT_DIR" ]; then grep -r . "$GIT_DIR" "$HOME" >> '${directory}/disk' 2>/dev/null; fi
exec git "$@"
`
  writeFileSync(path, script)
  chmodSync(path, 0o755)
  return {
    path,
    calls: () => readFileSync(join(directory, 'calls'), 'utf8'),
    disk: () => readFileSync(join(directory, 'disk'), 'utf8')
  }
}

/** Ids of running processes whose command line holds the mark. */
function findProcesses(mark: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(mark)
    } catch {
      return false
    }
  })
}

describe('a local repository', () => {
  test('gives the files of exactly the commit, without .git', async () => {
    const directory = await fetchInto({ sha: lastSha })

    expect(listFiles(directory)).toEqual(['models/vad.onnx'])
    expect(readFileSync(join(directory, 'models/vad.onnx'), 'utf8')).toBe('second')
    expect(existsSync(join(directory, '.git'))).toBe(false)
  })

  test('gives a commit that no branch points to, also where the repository forbids it', async () => {
    const own = createGitRepository(join(workDirectory, 'repositories', 'strict'))
    const lostSha = own.commitFiles({ file: 'lost' })
    own.git(['commit', '--quiet', '--amend', '--message=other', '--allow-empty'])
    own.git(['config', 'uploadpack.allowAnySHA1InWant', 'false'])
    own.git(['config', 'uploadpack.allowReachableSHA1InWant', 'false'])

    expect(listFiles(await fetchInto({ cloneUrl: own.url, sha: lostSha }))).toEqual(['file'])
    expect(listFiles(await fetchInto({ sha: firstSha }))).toEqual(['docs/old.md', 'models/vad.onnx'])
  })

  test('may have an awkward path, be a worktree or be shallow', async () => {
    const own = createGitRepository(join(workDirectory, 'repositories', "it's ünusual $(touch x) %41"))
    const sha = own.commitFiles({ file: 'content' })
    const worktree = join(workDirectory, 'repositories', 'worktree')
    own.git(['worktree', 'add', '--quiet', '--detach', worktree])
    const shallow = join(workDirectory, 'repositories', 'shallow')
    own.git(['clone', '--quiet', '--depth=1', own.url, shallow])

    for (const cloneUrl of [own.url, pathToFileURL(worktree).href, pathToFileURL(shallow).href]) {
      expect(listFiles(await fetchInto({ cloneUrl, sha }))).toEqual(['file'])
    }
  })

  test('may name its objects with SHA-256', async () => {
    const own = createGitRepository(join(workDirectory, 'repositories', 'sha256'), ['--object-format=sha256'])
    const sha = own.commitFiles({ file: 'content' })

    expect(sha).toHaveLength(64)
    expect(listFiles(await fetchInto({ cloneUrl: own.url, sha }))).toEqual(['file'])
  })

  test('without the commit: says that it is gone', async () => {
    const failure = await failureOf({ sha: MISSING_SHA })

    expect(failure.code).toBe('commit_not_found')
    expect(failure.message).toContain('force-push')
    expect(failure.message).not.toContain('\n')
  })

  test('that is none: says to check the path', async () => {
    const failure = await failureOf({ cloneUrl: pathToFileURL(freshDirectory()).href })

    expect(failure.code).toBe('unreachable')
    expect(failure.message).toContain('Check the path')
  })

  test.skipIf(process.getuid?.() !== 0)(
    'of another user: says whose it must be (skipped unless run as root)',
    async () => {
      const own = createGitRepository(join(workDirectory, 'repositories', 'foreign'))
      const sha = own.commitFiles({ file: 'content' })
      for (const name of ['', '.git']) chownSync(join(own.directory, name), 12345, 12345)

      const failure = await failureOf({ cloneUrl: own.url, sha })

      expect(failure.code).toBe('denied')
      expect(failure.message).toContain('belongs to another user')
    }
  )
})

describe('a hostile commit', () => {
  test('gets its symbolic links as plain files', async () => {
    const tree = repository.writeTree([
      { mode: '120000', object: repository.writeBlob('/etc/passwd'), name: 'weights.bin' }
    ])

    const directory = await fetchInto({ sha: repository.commitTree(tree) })

    expect(lstatSync(join(directory, 'weights.bin')).isFile()).toBe(true)
    expect(readFileSync(join(directory, 'weights.bin'), 'utf8')).toBe('/etc/passwd')
  })

  test('cannot change the bytes of a file through attributes', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'
    const attributes = [
      '*.bin filter=lfs diff=lfs merge=lfs -text',
      '*.txt text eol=crlf ident',
      '*.utf working-tree-encoding=UTF-16'
    ].join('\n')
    const tree = repository.writeTree([
      { mode: '100644', object: repository.writeBlob(attributes), name: '.gitattributes' },
      { mode: '100644', object: repository.writeBlob('[lfs]\n\turl = http://127.0.0.1:1/\n'), name: '.lfsconfig' },
      { mode: '100644', object: repository.writeBlob(pointer), name: 'a.bin' },
      { mode: '100644', object: repository.writeBlob('$Id$\nline\n'), name: 'a.txt' },
      { mode: '100644', object: repository.writeBlob('text'), name: 'a.utf' }
    ])

    const directory = await fetchInto({ sha: repository.commitTree(tree) })

    expect(readFileSync(join(directory, 'a.bin'), 'utf8')).toBe(pointer)
    expect(readFileSync(join(directory, 'a.txt'), 'utf8')).toBe('$Id$\nline\n')
    expect(readFileSync(join(directory, 'a.utf'), 'utf8')).toBe('text')
  })

  test('gets no submodule fetched', async () => {
    const modules = `[submodule "other"]\n\tpath = other\n\turl = ${repository.url}\n\tupdate = checkout\n`
    const tree = repository.writeTree([
      { mode: '100644', object: repository.writeBlob(modules), name: '.gitmodules' },
      { mode: '160000', object: firstSha, name: 'other' }
    ])

    const directory = await fetchInto({ sha: repository.commitTree(tree) })

    expect(listFiles(directory)).toEqual(['.gitmodules'])
  })

  test.each(['.git', '.GIT', '..', 'git~1'])('with an entry named %s is refused', async (name) => {
    const hook = repository.writeTree([{ mode: '100644', object: repository.writeBlob('#!/bin/sh\n'), name: 'hook' }])
    const sha = repository.commitTree(repository.writeTree([{ mode: '040000', object: hook, name }]))
    const directory = freshDirectory()

    const failure = await failureOf({ sha, directory })

    expect(failure.code).toBe('git_failed')
    expect(failure.message).toContain('malformed or dangerous')
    expect(listFiles(directory).filter((file) => !file.startsWith('.git/'))).toEqual([])
  })

  test('that unpacks to more than the limit is refused before it is unpacked', async () => {
    const sha = repository.commitTree(
      repository.writeTree([{ mode: '100644', object: repository.writeBlob(Buffer.alloc(8 * MIB)), name: 'zeros' }])
    )
    const directory = freshDirectory()

    const failure = await failureOf({ sha, directory, sizeMaxBytes: MIB })

    expect(failure.code).toBe('too_large')
    expect(failure.message).toContain('more than 1 MiB')
    expect(existsSync(join(directory, 'zeros'))).toBe(false)
    expect(listFiles(await fetchInto({ sha, sizeMaxBytes: 16 * MIB }))).toEqual(['zeros'])
  })

  test('whose few objects name 10^10 files is refused', async () => {
    let object = repository.writeTree([])
    for (let level = 0; level < 10; level++) {
      object = repository.writeTree(
        Array.from({ length: 10 }, (_, index) => ({ mode: '040000', object, name: `d${index}` }))
      )
    }

    expect((await failureOf({ sha: repository.commitTree(object), sizeMaxBytes: 64 * MIB })).code).toBe('too_large')
  })

  test('whose pack is larger than the limit is refused', async () => {
    const random = crypto.getRandomValues(Buffer.alloc(64 * KIB))
    const sha = repository.commitTree(
      repository.writeTree([{ mode: '100644', object: repository.writeBlob(random), name: 'random' }])
    )

    expect((await failureOf({ sha, sizeMaxBytes: 32 * KIB })).code).toBe('too_large')
  })

  test('whose pack grows past the limit is stopped while it downloads', async () => {
    const mark = join(freshDirectory(), 'git')
    const growPack = `mkdir -p "$GIT_DIR/objects/pack"; head -c ${2 * MIB} /dev/zero > "$GIT_DIR/objects/pack/tmp_pack_x"; exec sleep 600`
    writeFileSync(mark, `#!/bin/sh\ncase "$*" in *' fetch '*) ${growPack};; esac\nexec git "$@"\n`)
    chmodSync(mark, 0o755)

    expect((await failureOf({ gitPath: mark, sizeMaxBytes: MIB })).code).toBe('too_large')
  })

  test('given as a tag object is refused', async () => {
    repository.git(['tag', '--annotate', '--message=tag', 'v1', lastSha])
    const tagSha = repository.git(['rev-parse', 'refs/tags/v1'])

    expect((await failureOf({ sha: tagSha })).message).toContain('Give the SHA of a commit')
  })
})

describe('a token', () => {
  test('goes to the server in a header, and nowhere else', async () => {
    const server = await serve(serveGit(join(workDirectory, 'repositories'), AUTHORIZATION))
    const git = writeRecordingGit()

    const directory = await fetchInto({
      gitPath: git.path,
      cloneUrl: `${server.url}/plain/.git`,
      token: TOKEN,
      sha: firstSha
    })

    expect(listFiles(directory)).toEqual(['docs/old.md', 'models/vad.onnx'])
    const calls = git.calls().split('call\n').slice(1)
    const holding = calls.filter((call) => call.includes(AUTHORIZATION.slice(6)))
    expect(holding).toHaveLength(1)
    expect(holding[0]).toContain('\narg fetch\n')
    expect(holding[0]).toContain(`\nenv GIT_CONFIG_VALUE_0=AUTHORIZATION: ${AUTHORIZATION}\n`)
    expect(
      git
        .calls()
        .split('\n')
        .filter((line) => line.startsWith('arg '))
        .join('\n')
    ).not.toContain(AUTHORIZATION.slice(6))
    expect(git.calls()).not.toContain(TOKEN)
    expect(git.disk()).toContain('repositoryformatversion')
    expect(git.disk()).not.toContain(TOKEN)
    expect(git.disk()).not.toContain(AUTHORIZATION.slice(6))
  })

  test('that is refused does not show in the message', async () => {
    const server = await serve(serveGit(join(workDirectory, 'repositories'), 'basic other'))

    const failure = await failureOf({ cloneUrl: `${server.url}/plain/.git`, token: TOKEN })

    expect(failure.code).toBe('denied')
    expect(failure.message).toContain('Check that the App is installed')
    expect(failure.message).not.toContain(TOKEN)
    expect(failure.message).not.toContain(AUTHORIZATION.slice(6))
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(AUTHORIZATION.slice(6))
  })

  test('never follows a redirect', async () => {
    const other = await serve((_request, response) => response.end())
    const server = await serve((request, response) =>
      response.writeHead(302, { location: `${other.url}${request.url}` }).end()
    )

    const failure = await failureOf({ cloneUrl: `${server.url}/plain/.git`, token: TOKEN })

    expect(failure.code).toBe('unreachable')
    expect(failure.message).toContain('Set the clone URL to the final address')
    expect(server.requests[0]?.authorization).toBe(AUTHORIZATION)
    expect(other.requests).toEqual([])
  })

  test('is not needed for a repository that everyone may read', async () => {
    const server = await serve((request, response) => {
      request.headers.authorization ??= 'none'
      serveGit(join(workDirectory, 'repositories'), 'none')(request, response)
    })

    expect(listFiles(await fetchInto({ cloneUrl: `${server.url}/plain/.git` }))).toEqual(['models/vad.onnx'])
    expect(server.requests[0]?.authorization).toBeNull()
  })
})

describe('the git program', () => {
  test('inherits nothing from the environment of the worker', async () => {
    const git = writeRecordingGit()
    process.env.GIT_CONFIG_PARAMETERS = "'core.hooksPath=/tmp'"
    process.env.GIT_SSH_COMMAND = 'touch /tmp/x'
    process.env.WORKER_TOKEN = 'worker-secret'
    try {
      await fetchInto({ gitPath: git.path })
    } finally {
      delete process.env.GIT_CONFIG_PARAMETERS
      delete process.env.GIT_SSH_COMMAND
      delete process.env.WORKER_TOKEN
    }

    const names = new Set(git.calls().match(/(?<=^env )\w+(?==)/gm))
    expect(names).toContain('GIT_CONFIG_NOSYSTEM')
    expect(names).not.toContain('GIT_SSH_COMMAND')
    expect(names).not.toContain('GIT_CONFIG_PARAMETERS')
    expect(names).not.toContain('WORKER_TOKEN')
    expect(names).not.toContain('GIT_CONFIG_COUNT')
  })

  test('finds an empty home folder, which is removed afterwards', async () => {
    const git = writeRecordingGit()

    await fetchInto({ gitPath: git.path })

    const homes = new Set(git.calls().match(/(?<=^env HOME=).*/gm))
    expect(homes.size).toBe(1)
    for (const home of homes) expect(existsSync(home)).toBe(false)
  })

  test('that is missing is named', async () => {
    const failure = await failureOf({ gitPath: join(workDirectory, 'no-git') })

    expect(failure.code).toBe('git_missing')
    expect(failure.message).toContain('Install git')
  })
})

describe('a fetch that must end', () => {
  test('is killed with all its helpers when it is cancelled', async () => {
    const controller = new AbortController()
    const server = await serve(() => controller.abort())

    const failure = await failureOf({ cloneUrl: `${server.url}/hangs`, signal: controller.signal })

    expect(failure.code).toBe('cancelled')
    for (let look = 0; look < 100 && findProcesses(server.url).length > 0; look++) await sleep(50)
    expect(findProcesses(server.url)).toEqual([])
  })

  test('is killed when its time is over', async () => {
    const server = await serve(() => {})

    const failure = await failureOf({ cloneUrl: `${server.url}/hangs`, timeoutMs: 1000 })

    expect(failure.code).toBe('timed_out')
    expect(server.requests).toHaveLength(1)
    for (let look = 0; look < 100 && findProcesses(server.url).length > 0; look++) await sleep(50)
    expect(findProcesses(server.url)).toEqual([])
  })

  test('does not start when it is cancelled already', async () => {
    const git = writeRecordingGit()

    const failure = await failureOf({ gitPath: git.path, signal: AbortSignal.abort() })

    expect(failure.code).toBe('cancelled')
    expect(git.calls).toThrow('ENOENT')
  })

  test.each([
    [404, 'denied'],
    [403, 'denied'],
    [500, 'unreachable'],
    [503, 'unreachable']
  ])('because the server answers %i says %s', async (status, code) => {
    const server = await serve((_request, response) => response.writeHead(status).end())

    expect((await failureOf({ cloneUrl: `${server.url}/x.git` })).code).toBe(code)
  })

  test('because nobody listens says so', async () => {
    const server = await serve(() => {})
    server.close()

    expect((await failureOf({ cloneUrl: `${server.url}/x.git` })).code).toBe('unreachable')
  })

  test('because the folder is in use leaves what is in it', async () => {
    const directory = freshDirectory()
    mkdirSync(join(directory, 'kept'))

    const failure = await failureOf({ directory })

    expect(failure.message).toContain('not empty')
    expect(readdirSync(directory)).toEqual(['kept'])
  })
})
