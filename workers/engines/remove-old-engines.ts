import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineVersion } from '#contracts/session.ts'
import { readLastUse } from './engine-record.ts'

/** Longest that a job may take: an engine that was used within it may be in use. */
const IN_USE_MS = 24 * 60 * 60 * 1000
/** An installation in progress, or one that is being removed, starts with this. */
export const UNFINISHED_PREFIX = '.unfinished-'

export interface RemoveOptions {
  /** Where engines are installed, each in a folder of its version. */
  readonly directory: string
  /** How many stay. */
  readonly keep: number
  readonly now: Date
}

/**
 * Removes the engines that were not used for the longest time, until `keep` are left; those of the last day stay in any case,
 * since a job may be using them. What killed processes
 * left unfinished goes after a day too.
 *
 * @returns versions that are gone
 */
export async function removeOldEngines({ directory, keep, now }: RemoveOptions): Promise<readonly EngineVersion[]> {
  const names = await readdir(directory).catch(() => [])
  await removeUnfinished(directory, names, now)
  const versions = names.filter((name) => EngineVersion.safeParse(name).success)
  const uses = await Promise.all(
    versions.map(async (version) => ({ version, lastUse: await readLastUse(join(directory, version)) }))
  )
  const old = uses
    .toSorted((one, other) => other.lastUse.getTime() - one.lastUse.getTime())
    .slice(keep)
    .filter(({ lastUse }) => now.getTime() - lastUse.getTime() > IN_USE_MS)
  for (const { version } of old) await removeEngine(directory, version)
  return old.map(({ version }) => version)
}

/** In one step for everybody who looks for it. */
export async function removeEngine(directory: string, version: EngineVersion): Promise<void> {
  const aside = join(directory, `${UNFINISHED_PREFIX}${version}-${crypto.randomUUID()}`)
  const moved = await rename(join(directory, version), aside).then(
    () => true,
    () => false
  )
  if (moved) await rm(aside, { recursive: true, force: true })
}

async function removeUnfinished(directory: string, names: readonly string[], now: Date): Promise<void> {
  for (const name of names.filter((one) => one.startsWith(UNFINISHED_PREFIX))) {
    const stats = await stat(join(directory, name)).catch(() => null)
    if (stats === null || now.getTime() - stats.mtimeMs < IN_USE_MS) continue
    await rm(join(directory, name), { recursive: true, force: true })
  }
}
