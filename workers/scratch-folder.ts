import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** What a folder is for; the start of its name. */
export type ScratchKind = 'job' | 'tailgate-git-home'

/** Longer than any job may take, so that no live folder is as old. */
const LEFT_AFTER_MS = 2 * 24 * 60 * 60 * 1000

/** A container's host name is its id, so that two of them that share a folder do not take each other's pids for their own. */
const HOST =
  hostname()
    .replaceAll(/[^A-Za-z0-9]/g, '_')
    .slice(0, 64) || '_'

/** Makes an empty folder for this process alone. Its name says whose it is: `job-<host>-<pid>-<random>`. */
export function makeScratchFolder(parent: string, kind: ScratchKind): Promise<string> {
  return mkdtemp(join(parent, `${kind}-${HOST}-${process.pid}-`))
}

/**
 * Removes folders of {@link makeScratchFolder} that a killed process left: its process has ended, or the folder is two
 * days old. Call it before this process makes its first one: those with its own pid are then of an earlier life. Workers
 * that have the same host name but do not see each other's processes need folders of their own. What cannot be removed
 * stays.
 *
 * @returns the folders that are gone
 */
export async function removeLeftScratchFolders(parent: string, kind: ScratchKind): Promise<readonly string[]> {
  const names = await readdir(parent).catch(() => [])
  const removed: string[] = []
  for (const name of names) {
    const [, host, pid] = new RegExp(`^${kind}-([A-Za-z0-9_]+)-(\\d+)-[A-Za-z0-9]{6}$`).exec(name) ?? []
    if (host === undefined) continue
    const folder = join(parent, name)
    const left = (host === HOST && hasEnded(Number(pid))) || (await isOld(folder))
    if (left && (await tryToRemove(folder))) removed.push(folder)
  }
  return removed
}

function hasEnded(pid: number): boolean {
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}

async function isOld(folder: string): Promise<boolean> {
  return stat(folder).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > LEFT_AFTER_MS,
    () => false
  )
}

async function tryToRemove(folder: string): Promise<boolean> {
  return rm(folder, { recursive: true, force: true }).then(
    () => true,
    () => false
  )
}
