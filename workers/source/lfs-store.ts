import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { makeScratchFolder } from '#workers/scratch-folder.ts'
import type { StopControl } from './arm-stop.ts'
import type { CloneUrl } from './clone-url.ts'
import { summarizeGitOutput } from './explain-git-failure.ts'
import { hardenedArguments } from './git-environment.ts'
import { lfsEnvironment } from './lfs-environment.ts'
import { formatLfsPointer, type LfsPointer } from './lfs-pointer.ts'
import { runGit } from './run-git.ts'
import { type ProgramOutcome, runProgram } from './run-program.ts'
import { SourceError } from './source-error.ts'

const SIZE_CHECK_INTERVAL_MS = 250
/** What a store takes besides the objects themselves. */
const STORE_EXTRA_BYTES = 1024 ** 2
const BRANCH = 'refs/heads/wanted'

/** A repository of our own making, in which git-lfs finds pointers and leaves objects. */
export interface LfsStore {
  readonly gitPath: string
  readonly lfsPath: string
  readonly cloneUrl: CloneUrl
  readonly token: string | null
  readonly gitDirectory: string
  readonly homeDirectory: string
  readonly stop: StopControl
}

/**
 * Makes the store, works with it and removes it. It lies in the checkout, so that objects can be moved and not copied: no
 * commit holds a folder of this name, and `fetchCommit` leaves none.
 */
export async function withLfsStore<Result>(
  options: Omit<LfsStore, 'gitDirectory' | 'homeDirectory'> & { readonly checkoutDirectory: string },
  work: (store: LfsStore) => Promise<Result>
): Promise<Result> {
  const { checkoutDirectory, ...rest } = options
  const gitDirectory = join(checkoutDirectory, '.git')
  await mkdir(gitDirectory)
  const homeDirectory = await makeScratchFolder(tmpdir(), 'tailgate-git-home')
  try {
    return await work({ ...rest, gitDirectory, homeDirectory })
  } finally {
    await rm(homeDirectory, { recursive: true, force: true })
    await rm(gitDirectory, { recursive: true, force: true })
  }
}

/**
 * Lets git-lfs fetch these objects into the store. Whether each came is for {@link checkObject} to say.
 *
 * @throws SourceError; the reason of `stop` when it was stopped
 */
export async function fetchObjects(store: LfsStore, pointers: readonly LfsPointer[]): Promise<ProgramOutcome> {
  await runLocalGit(store, ['init', '--quiet', '--bare', '--template=', store.gitDirectory])
  await runLocalGit(store, ['fast-import', '--quiet'], writeImport(pointers))
  const limitBytes = pointers.reduce((total, { bytes }) => total + bytes, STORE_EXTRA_BYTES)
  const watch = setInterval(() => void stopLargeStore(store, limitBytes), SIZE_CHECK_INTERVAL_MS)
  try {
    return await runProgram({
      program: store.lfsPath,
      args: ['fetch', 'origin', BRANCH],
      env: lfsEnvironment(store),
      cwd: store.homeDirectory,
      signal: store.stop.signal,
      onStdout: () => undefined
    })
  } finally {
    clearInterval(watch)
  }
}

/** Is the object here, with the size and the hash that its pointer names? */
export async function checkObject(
  store: LfsStore,
  { oid, bytes }: LfsPointer
): Promise<'sound' | 'damaged' | 'absent'> {
  const file = objectFile(store, oid)
  const stats = await stat(file).catch(() => null)
  if (stats === null) return 'absent'
  if (stats.size !== bytes) return 'damaged'
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash, { signal: store.stop.signal })
  return hash.digest('hex') === oid ? 'sound' : 'damaged'
}

/** Moves an object out of the store to its place; where it has several, the others get copies. */
export async function placeObject(store: LfsStore, oid: string, files: readonly string[]): Promise<void> {
  const object = objectFile(store, oid)
  const [first, ...others] = files
  await chmod(object, 0o644)
  for (const file of others) await copyFile(object, file)
  if (first !== undefined) await rename(object, first)
}

/** One commit with one pointer per object, in the format of git-fast-import(1). */
function writeImport(pointers: readonly LfsPointer[]): string {
  const files = pointers.map((pointer, index) => {
    const text = formatLfsPointer(pointer)
    return `M 100644 inline ${index}\ndata ${Buffer.byteLength(text)}\n${text}\n`
  })
  return `commit ${BRANCH}\ncommitter tailgate <> 0 +0000\ndata 0\n${files.join('')}`
}

async function runLocalGit(store: LfsStore, args: readonly string[], input = ''): Promise<void> {
  const { exitCode, stderr } = await runGit({
    gitPath: store.gitPath,
    args: [...hardenedArguments(), ...args],
    env: lfsEnvironment({ ...store, token: null }),
    cwd: store.homeDirectory,
    signal: store.stop.signal,
    input,
    onStdout: () => undefined
  })
  if (exitCode === 0) return
  const said = summarizeGitOutput(stderr, [])
  throw new SourceError('git_failed', `Could not prepare for Git LFS (git exit code ${exitCode ?? 'none'}): ${said}`)
}

function objectFile({ gitDirectory }: LfsStore, oid: string): string {
  return join(gitDirectory, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid)
}

async function stopLargeStore({ gitDirectory, stop }: LfsStore, limitBytes: number): Promise<void> {
  const folder = join(gitDirectory, 'lfs')
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  // A file may be moved between the two calls; then the next look counts it.
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (file) => (file.isFile() ? file.size : 0),
        () => 0
      )
    )
  )
  if (sizes.reduce((total, size) => total + size, 0) <= limitBytes) return
  const message = 'The LFS server sends more than the pointers of the commit name. Check that server.'
  stop.stop(new SourceError('too_large', message))
}
