import { readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { armStop } from './arm-stop.ts'
import { parseCloneUrl } from './clone-url.ts'
import { explainLfsFailure, LFS_DAMAGED, LFS_MISSING, type LfsFailure } from './explain-lfs-failure.ts'
import { basicCredentials } from './git-environment.ts'
import { LFS_POINTER_MAX_BYTES, type LfsPointer, parseLfsPointer } from './lfs-pointer.ts'
import { checkObject, fetchObjects, type LfsStore, placeObject, withLfsStore } from './lfs-store.ts'

const DEFAULT_OBJECT_MAX_BYTES = 4 * 1024 ** 3
export const DEFAULT_TOTAL_MAX_BYTES = 8 * 1024 ** 3

export interface LfsLimits {
  /** Most that one object may have. Default 4 GiB. */
  readonly objectMaxBytes?: number
  /** Most that all objects of this call may have together. Default 8 GiB. */
  readonly totalMaxBytes?: number
}

export interface FetchLfsOptions extends LfsLimits {
  /** Default `git` and `git-lfs`, looked up in the usual folders. */
  readonly gitPath?: string
  readonly lfsPath?: string
  /** Where the commit came from; the LFS server follows from it. */
  readonly cloneUrl: string
  readonly token: string | null
  /** A checkout by `fetchCommit`: without a .git folder, without symbolic links. */
  readonly directory: string
  /** Files in it that are needed. Those that are no pointers stay as they are; those that do not exist are left out. */
  readonly paths: readonly string[]
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** A file that is still a pointer, and why. */
export interface LfsProblem extends LfsFailure {
  readonly path: string
}

export interface LfsReport {
  readonly problems: readonly LfsProblem[]
  readonly fetchedBytes: number
}

interface WantedObject {
  readonly pointer: LfsPointer
  /** The files that hold this pointer: as they were asked for, and where they are. */
  readonly files: readonly { readonly path: string; readonly file: string }[]
}

/**
 * Replaces Git LFS pointers among `paths` by the objects they stand for.
 *
 * Nothing of the repository decides anything here: git-lfs works in a repository of our own that holds the wanted pointers,
 * written anew from hash and size, and nothing else. Hooks, filters, attributes, `.lfsconfig` and file names of the commit are
 * not there. The token goes to the LFS server of the clone URL and to no other host.
 *
 * @returns the pointers that stayed, with a reason each: that one model cannot be had is no reason to give up the others
 * @throws SourceError `cancelled`, `timed_out`, `too_large` (more came than the pointers say), `git_missing`, `git_failed`
 */
export async function fetchLfsObjects(options: FetchLfsOptions): Promise<LfsReport> {
  const { cloneUrl, token, signal, timeoutMs } = options
  const checkoutDirectory = await realpath(options.directory)
  const { wanted, problems } = refuseLarge(await findPointers(checkoutDirectory, options.paths), options)
  if (wanted.length === 0) return { problems, fetchedBytes: 0 }
  const programs = { gitPath: options.gitPath ?? 'git', lfsPath: options.lfsPath ?? 'git-lfs' }
  const stop = armStop({ cancelSignal: signal, timeoutMs, work: 'Fetching from the LFS server' })
  const place = { ...programs, cloneUrl: parseCloneUrl(cloneUrl), token, stop, checkoutDirectory }
  try {
    const failures = await withLfsStore(place, (store) => fetchWanted(store, wanted))
    const fetched = wanted.filter(({ pointer }) => !failures.has(pointer.oid))
    const fetchedBytes = fetched.reduce((total, { pointer }) => total + pointer.bytes, 0)
    return { problems: [...problems, ...wanted.flatMap((one) => listProblems(one, failures))], fetchedBytes }
  } finally {
    stop.dispose()
  }
}

async function findPointers(root: string, paths: readonly string[]): Promise<readonly WantedObject[]> {
  const byOid = new Map<string, WantedObject>()
  for (const path of new Set(paths)) {
    const file = await realpath(join(root, path)).catch(() => null)
    if (file?.startsWith(root + sep) !== true) continue
    const pointer = await readPointer(file)
    if (pointer === null) continue
    const known = byOid.get(pointer.oid)?.files ?? []
    if (known.some((other) => other.file === file)) continue
    byOid.set(pointer.oid, { pointer, files: [...known, { path, file }] })
  }
  return [...byOid.values()]
}

async function readPointer(file: string): Promise<LfsPointer | null> {
  const stats = await stat(file)
  if (!stats.isFile() || stats.size > LFS_POINTER_MAX_BYTES) return null
  return parseLfsPointer(await readFile(file, 'latin1'))
}

/** The sizes stand in the pointers, so that nothing needs to be downloaded to know. */
function refuseLarge(
  found: readonly WantedObject[],
  { objectMaxBytes = DEFAULT_OBJECT_MAX_BYTES, totalMaxBytes = DEFAULT_TOTAL_MAX_BYTES }: LfsLimits
): { readonly wanted: readonly WantedObject[]; readonly problems: readonly LfsProblem[] } {
  const failures = new Map<string, LfsFailure>()
  let leftBytes = totalMaxBytes
  for (const { pointer } of found) {
    const limit =
      pointer.bytes > objectMaxBytes
        ? `the ${formatMib(objectMaxBytes)} that this worker allows for one object`
        : `the ${formatMib(leftBytes)} that are left of what this worker allows for one commit`
    if (pointer.bytes > Math.min(objectMaxBytes, leftBytes)) failures.set(pointer.oid, tooLarge(pointer, limit))
    else leftBytes -= pointer.bytes
  }
  return {
    wanted: found.filter(({ pointer }) => !failures.has(pointer.oid)),
    problems: found.flatMap((one) => listProblems(one, failures))
  }
}

function tooLarge({ bytes }: LfsPointer, limit: string): LfsFailure {
  return {
    reason: `it has ${formatMib(bytes)}, more than ${limit}`,
    hint: "Make the file smaller, or raise the worker's limits for Git LFS."
  }
}

/** Fetches what is wanted and puts it in place. Returns a failure for each object that could not be had, by its hash. */
async function fetchWanted(store: LfsStore, wanted: readonly WantedObject[]): Promise<ReadonlyMap<string, LfsFailure>> {
  const pointers = wanted.map(({ pointer }) => pointer)
  const outcome = await fetchObjects(store, pointers)
  if (outcome.kind === 'not_started') return new Map(pointers.map(({ oid }) => [oid, LFS_MISSING]))
  const secrets = store.token === null ? [] : [store.token, basicCredentials(store.token)]
  const failures = new Map<string, LfsFailure>()
  for (const { pointer, files } of wanted) {
    const state = await checkObject(store, pointer)
    if (state === 'damaged') failures.set(pointer.oid, LFS_DAMAGED)
    if (state === 'absent') failures.set(pointer.oid, explainLfsFailure(outcome.stderr, pointer.oid, secrets))
    if (state === 'sound') {
      const places = files.map(({ file }) => file)
      await placeObject(store, pointer.oid, places)
    }
  }
  return failures
}

function listProblems(
  { pointer, files }: WantedObject,
  failures: ReadonlyMap<string, LfsFailure>
): readonly LfsProblem[] {
  const failure = failures.get(pointer.oid)
  return failure === undefined ? [] : files.map(({ path }) => ({ path, ...failure }))
}

function formatMib(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MiB`
}
