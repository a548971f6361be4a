import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLfsServer, type LfsServer, serveLfs, writePointer } from '#test/fakes/lfs/create-lfs-server.ts'
import { findGitLfs } from '#test/fakes/lfs/find-git-lfs.ts'
import { type FetchLfsOptions, fetchLfsObjects, type LfsReport } from '#workers/source/fetch-lfs-objects.ts'
import { SourceError } from '#workers/source/source-error.ts'
import { createGitRepository } from './git-repository.ts'
import { type LocalServer, startServer } from './git-server.ts'

const TOKEN = 'ghs_1234567_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl'
const AUTHORIZATION = `basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`
const MODEL = Buffer.from('the bytes of a model')
const MIB = 1024 ** 2

const missing = findGitLfs()
const skipNote = missing === null ? '' : ` (skipped: ${missing})`

let workDirectory: string
let lfs: LfsServer
let server: LocalServer
const servers: LocalServer[] = []

beforeAll(() => {
  workDirectory = mkdtempSync(join(tmpdir(), 'tailgate-lfs-'))
})

beforeEach(async () => {
  lfs = createLfsServer(AUTHORIZATION)
  server = await serve(serveLfs(lfs))
})

afterEach(() => {
  for (const one of servers.splice(0)) one.close()
})

afterAll(() => rmSync(workDirectory, { recursive: true, force: true }))

async function serve(...args: Parameters<typeof startServer>): Promise<LocalServer> {
  const started = await startServer(...args)
  servers.push(started)
  return started
}

/** A folder with these files, as a checkout leaves it. */
function checkOut(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(workDirectory, 'checkout-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  return directory
}

function fetchInto(directory: string, options: Partial<FetchLfsOptions> = {}): Promise<LfsReport> {
  return fetchLfsObjects({
    cloneUrl: `${server.url}/acme/voice`,
    token: TOKEN,
    directory,
    paths: ['model.onnx'],
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    ...options
  })
}

async function failureOf(fetched: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await fetched.then(
    () => null,
    (reason: unknown) => reason
  )
  if (error instanceof SourceError) return error
  throw new Error('no SourceError was thrown', { cause: error })
}

function read(directory: string, path = 'model.onnx'): string {
  return readFileSync(join(directory, path), 'utf8')
}

describe.skipIf(missing !== null)(`objects of needed pointers${skipNote}`, () => {
  test('take the place of their pointers, and of no others', async () => {
    const model = lfs.store(MODEL)
    const sample = lfs.store(Buffer.from('a sample'))
    const other = lfs.store(Buffer.from('something else'))
    const directory = checkOut({
      'models/a, *?[x].onnx': model.pointer,
      'copy.onnx': model.pointer,
      'sample.npy': sample.pointer,
      'other.bin': other.pointer,
      'plain.txt': 'plain'
    })

    const report = await fetchInto(directory, {
      paths: ['models/a, *?[x].onnx', 'copy.onnx', 'sample.npy', 'plain.txt', 'absent.onnx']
    })

    expect(report).toEqual({ problems: [], fetchedBytes: MODEL.length + 8 })
    expect(read(directory, 'models/a, *?[x].onnx')).toBe(MODEL.toString())
    expect(read(directory, 'copy.onnx')).toBe(MODEL.toString())
    expect(read(directory, 'sample.npy')).toBe('a sample')
    expect(read(directory, 'other.bin')).toBe(other.pointer)
    expect(read(directory, 'plain.txt')).toBe('plain')
    expect(existsSync(join(directory, '.git'))).toBe(false)
    expect(lfs.batches().map((oids) => oids.toSorted())).toEqual([[model.oid, sample.oid].toSorted()])
  })

  test('are not asked for when nothing needed is a pointer', async () => {
    const directory = checkOut({ 'model.onnx': 'a model' })

    expect(await fetchInto(directory)).toEqual({ problems: [], fetchedBytes: 0 })
    expect(server.requests).toEqual([])
  })

  test('come from the store of a local repository', async () => {
    const repository = createGitRepository(join(workDirectory, 'it is local'))
    const { oid, pointer } = lfs.store(MODEL)
    const folder = join(repository.directory, '.git', 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, oid), MODEL)
    const directory = checkOut({ 'model.onnx': pointer, 'lost.onnx': lfs.store(Buffer.from('lost')).pointer })

    const report = await fetchInto(directory, {
      cloneUrl: repository.url,
      token: null,
      paths: ['model.onnx', 'lost.onnx']
    })

    expect(read(directory)).toBe(MODEL.toString())
    expect(report.problems).toEqual([
      expect.objectContaining({ path: 'lost.onnx', hint: expect.stringContaining('git lfs fetch --all') })
    ])
  })
})

describe.skipIf(missing !== null)(`an object that cannot be had${skipNote}`, () => {
  test('is reported by its path, and the others come', async () => {
    const sound = lfs.store(MODEL)
    const lost = lfs.store(Buffer.from('lost'))
    lfs.misbehave(lost.oid, { kind: 'absent' })
    const directory = checkOut({ 'model.onnx': sound.pointer, 'lost.onnx': lost.pointer })

    const report = await fetchInto(directory, { paths: ['lost.onnx', 'model.onnx'] })

    expect(read(directory)).toBe(MODEL.toString())
    expect(read(directory, 'lost.onnx')).toBe(lost.pointer)
    expect(report.problems).toEqual([
      {
        path: 'lost.onnx',
        reason: expect.stringContaining('the LFS server does not have it'),
        hint: expect.stringContaining('git lfs push')
      }
    ])
  })

  test.each([
    ['an object address that fails', { kind: 'status', status: 500 }, 'overloaded or failing'],
    ['an object address that refuses', { kind: 'status', status: 403 }, 'refused'],
    ['other bytes of the same length', { kind: 'bytes', bytes: Buffer.from(MODEL).fill(1) }, 'SHA-256'],
    ['fewer bytes', { kind: 'bytes', bytes: MODEL.subarray(1) }, 'SHA-256']
  ] as const)('because of %s stays a pointer', async (_what, fault, reason) => {
    const { oid, pointer } = lfs.store(MODEL)
    lfs.misbehave(oid, fault)
    const directory = checkOut({ 'model.onnx': pointer })

    const { problems } = await fetchInto(directory)

    expect(problems).toEqual([expect.objectContaining({ reason: expect.stringContaining(reason) })])
    expect(read(directory)).toBe(pointer)
    expect(existsSync(join(directory, '.git'))).toBe(false)
  })

  test.each([
    [403, 'This repository is over its data quota.', 'quota is used up'],
    [503, 'Try later', 'overloaded or failing'],
    [404, 'Not found', 'does not have it']
  ])('because the server answers %i is explained', async (status, message, reason) => {
    lfs.failBatches(status, message)
    const directory = checkOut({ 'model.onnx': lfs.store(MODEL).pointer })

    const { problems } = await fetchInto(directory)

    expect(problems).toEqual([expect.objectContaining({ reason: expect.stringContaining(reason) })])
  })

  test('because the token is refused says so, without the token', async () => {
    const directory = checkOut({ 'model.onnx': lfs.store(MODEL).pointer })

    const { problems } = await fetchInto(directory, { token: 'ghs_another' })

    expect(problems[0]?.reason).toContain('refused the token')
    expect(JSON.stringify(problems)).not.toContain('ghs_another')
  })

  test('because there is no server says so', async () => {
    const { pointer } = lfs.store(MODEL)
    server.close()

    const { problems } = await fetchInto(checkOut({ 'model.onnx': pointer }))

    expect(problems[0]?.reason).toContain('cannot be reached')
  })

  test('because it is larger than allowed is not asked for', async () => {
    const large = lfs.store(Buffer.alloc(3 * MIB))
    const medium = lfs.store(Buffer.alloc(2 * MIB, 1))
    const second = lfs.store(Buffer.alloc(2 * MIB, 2))
    const directory = checkOut({ 'a.onnx': large.pointer, 'b.onnx': medium.pointer, 'c.onnx': second.pointer })

    const { problems } = await fetchInto(directory, {
      paths: ['a.onnx', 'b.onnx', 'c.onnx'],
      objectMaxBytes: 2 * MIB,
      totalMaxBytes: 3 * MIB
    })

    expect(problems).toEqual([
      expect.objectContaining({ path: 'a.onnx', reason: expect.stringContaining('3 MiB, more than the 2 MiB') }),
      expect.objectContaining({ path: 'c.onnx', reason: expect.stringContaining('2 MiB, more than the 1 MiB') })
    ])
    expect(lfs.batches()).toEqual([[medium.oid]])
  })
})

describe('without git-lfs', () => {
  test('a pointer stays, and the hint says what to install', async () => {
    const { pointer } = lfs.store(MODEL)
    const directory = checkOut({ 'model.onnx': pointer })

    const { problems } = await fetchInto(directory, { lfsPath: '/nonexistent/git-lfs' })

    expect(problems).toEqual([
      {
        path: 'model.onnx',
        reason: 'Git LFS is not installed on the worker',
        hint: expect.stringContaining('apt-get install git-lfs')
      }
    ])
    expect(read(directory)).toBe(pointer)
    expect(readdirSync(directory)).toEqual(['model.onnx'])
  })
})

describe.skipIf(missing !== null)(`a fetch from LFS${skipNote}`, () => {
  test('that stalls is killed when its time is over, and leaves nothing', async () => {
    const { oid, pointer } = lfs.store(MODEL)
    lfs.misbehave(oid, { kind: 'stalled', started: () => undefined })
    const directory = checkOut({ 'model.onnx': pointer })

    expect((await failureOf(fetchInto(directory, { timeoutMs: 1000 }))).code).toBe('timed_out')
    expect(readdirSync(directory)).toEqual(['model.onnx'])
    expect(read(directory)).toBe(pointer)
  })

  test('that is cancelled ends at once', async () => {
    const { oid, pointer } = lfs.store(MODEL)
    const cancel = new AbortController()
    lfs.misbehave(oid, { kind: 'stalled', started: () => cancel.abort() })

    const failure = await failureOf(fetchInto(checkOut({ 'model.onnx': pointer }), { signal: cancel.signal }))

    expect(failure.code).toBe('cancelled')
  })

  test('of more bytes than the pointer names is stopped', async () => {
    const { oid, pointer } = lfs.store(MODEL)
    lfs.misbehave(oid, { kind: 'endless' })

    expect((await failureOf(fetchInto(checkOut({ 'model.onnx': pointer })))).code).toBe('too_large')
  })
})

describe.skipIf(missing !== null)(`a hostile commit${skipNote}`, () => {
  test('cannot lead git-lfs or the token to a server of its own by .lfsconfig', async () => {
    const trap = await serve((_request, response) => response.end())
    const { pointer } = lfs.store(MODEL)
    const lfsConfig = `[lfs]\n\turl = ${trap.url}/x\n\tfetchexclude = *\n[remote "origin"]\n\tlfsurl = ${trap.url}/y\n`
    const directory = checkOut({ 'model.onnx': pointer, '.lfsconfig': lfsConfig, '.gitattributes': '* -filter\n' })

    const report = await fetchInto(directory)

    expect(report.problems).toEqual([])
    expect(read(directory)).toBe(MODEL.toString())
    expect(trap.requests).toEqual([])
  })

  test('gets nothing outside the checkout replaced or read', async () => {
    const outside = checkOut({ 'secret.onnx': lfs.store(MODEL).pointer })
    const directory = checkOut({ 'model.onnx': 'a model' })
    symlinkSync(join(outside, 'secret.onnx'), join(directory, 'link.onnx'))
    symlinkSync(outside, join(directory, 'folder'))
    const up = `../${outside.slice(workDirectory.length + 1)}/secret.onnx`

    const report = await fetchInto(directory, { paths: ['link.onnx', 'folder/secret.onnx', up] })

    expect(report).toEqual({ problems: [], fetchedBytes: 0 })
    expect(read(outside, 'secret.onnx')).toContain('git-lfs')
    expect(server.requests).toEqual([])
  })

  test('with a pointer that names a program or a path is left alone', async () => {
    const pointer = writePointer('a'.repeat(64), 1).replace('oid', `ext-0-touch sha256:${'b'.repeat(64)}\noid`)
    const directory = checkOut({ 'model.onnx': pointer })

    expect(await fetchInto(directory)).toEqual({ problems: [], fetchedBytes: 0 })
    expect(read(directory)).toBe(pointer)
  })
})

describe.skipIf(missing !== null)(`a token${skipNote}`, () => {
  test('goes to the batch address and not to a host that an answer or a redirect names', async () => {
    const store = await serve((_request, response) => response.end(MODEL))
    // Another host: what is scoped to 127.0.0.1 must not reach localhost.
    const elsewhere = store.url.replace('127.0.0.1', 'localhost')
    const moved = lfs.store(MODEL)
    lfs.misbehave(moved.oid, { kind: 'elsewhere', href: `${elsewhere}/signed?signature=1`, header: { 'X-Part': '1' } })

    expect((await fetchInto(checkOut({ 'model.onnx': moved.pointer }))).problems).toEqual([])
    lfs.misbehave(moved.oid, { kind: 'redirect', location: `${elsewhere}/redirected` })
    expect((await fetchInto(checkOut({ 'model.onnx': moved.pointer }))).problems).toEqual([])

    expect(store.requests).toEqual([
      { url: '/signed?signature=1', authorization: null },
      { url: '/redirected', authorization: null }
    ])
    const holders = server.requests.filter(({ authorization }) => authorization !== null)
    expect(new Set(holders.map(({ url }) => url))).toEqual(new Set(['/acme/voice.git/info/lfs/objects/batch']))
  })

  test('does not follow a batch address that redirects to another host', async () => {
    const trap = await serve(serveLfs(createLfsServer(AUTHORIZATION)))
    const bouncing = await serve((_request, response) => {
      response.writeHead(307, { location: `${trap.url.replace('127.0.0.1', 'localhost')}/x/info/lfs/objects/batch` })
      response.end()
    })

    const { problems } = await fetchInto(checkOut({ 'model.onnx': lfs.store(MODEL).pointer }), {
      cloneUrl: `${bouncing.url}/acme/voice`
    })

    expect(problems).toHaveLength(1)
    expect(trap.requests.length).toBeGreaterThan(0)
    const sent = trap.requests.map(({ authorization }) => authorization ?? '')
    expect(sent.filter((value) => value.includes(AUTHORIZATION.slice(6)))).toEqual([])
  })

  test('is in the environment of git-lfs alone: in no argument and on no disk', async () => {
    const directory = mkdtempSync(join(workDirectory, 'recording-'))
    const record = (name: string): string => {
      const path = join(directory, name)
      const log = join(directory, `${name}.log`)
      const lines = [
        '#!/bin/sh',
        `{ for arg in "$@"; do echo "arg $arg"; done; env | sed 's/^/env /'; } >> '${log}'`,
        `${name} "$@"; status=$?`,
        `grep -r . "$GIT_DIR" "$HOME" >> '${join(directory, 'disk')}' 2>/dev/null`,
        'exit $status'
      ]
      writeFileSync(path, `${lines.join('\n')}\n`)
      chmodSync(path, 0o755)
      return path
    }

    const report = await fetchInto(checkOut({ 'model.onnx': lfs.store(MODEL).pointer }), {
      gitPath: record('git'),
      lfsPath: record('git-lfs')
    })

    expect(report.problems).toEqual([])
    const secret = AUTHORIZATION.slice(6)
    const lfsLog = readFileSync(join(directory, 'git-lfs.log'), 'utf8')
    expect(lfsLog.split('\n').filter((line) => line.includes(secret))).toEqual([
      expect.stringMatching(/^env GIT_CONFIG_VALUE_\d+=AUTHORIZATION: basic /)
    ])
    expect(readFileSync(join(directory, 'git.log'), 'utf8')).not.toContain(secret)
    expect(lfsLog + readFileSync(join(directory, 'git.log'), 'utf8')).not.toContain(TOKEN)
    const disk = readFileSync(join(directory, 'disk'), 'utf8')
    expect(disk).toContain('repositoryformatversion')
    expect(disk).not.toContain(secret)
  })
})
