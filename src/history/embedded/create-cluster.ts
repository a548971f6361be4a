import { execFile } from 'node:child_process'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { type PostgresBinaries, postgresEnv } from './postgres-binaries.ts'

const run = promisify(execFile)
const INITDB_TIMEOUT_MS = 300_000

/**
 * Creates the data folder when there is none. It is made under another name and renamed when whole, so that a kill in
 * the middle leaves nothing that looks like data; such remains are removed here.
 */
export async function createCluster(options: {
  readonly cluster: string
  readonly binaries: PostgresBinaries
}): Promise<void> {
  const { cluster, binaries } = options
  await removeRemains(cluster)
  if (await exists(cluster)) return
  const unfinished = `${cluster}.init-${process.pid}`
  await runInitdb(binaries, unfinished)
  try {
    await rename(unfinished, cluster)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // Another bot that started at the same moment was faster; its data is as good.
    if (!(await exists(cluster))) throw error
  }
}

async function runInitdb(binaries: PostgresBinaries, folder: string): Promise<void> {
  // `trust` is safe because the only way in is a socket in a folder that nobody else may enter.
  const args = ['-D', folder, '-U', 'tailgate', '--auth=trust', '-E', 'UTF8', '--locale=C', '--no-instructions']
  const [program = binaries.initdb, ...rest] = [...binaries.prefix, binaries.initdb, ...args]
  try {
    await run(program, rest, { env: postgresEnv(), timeout: INITDB_TIMEOUT_MS })
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
    const message = `The embedded Postgres could not create its data in ${dirname(folder)}:\n${said}`
    throw new EmbeddedPostgresError(message, { code: 'initdb_failed', cause: error })
  }
}

async function removeRemains(cluster: string): Promise<void> {
  const prefix = `${basename(cluster)}.init-`
  for (const name of await readdir(dirname(cluster))) {
    if (!name.startsWith(prefix)) continue
    const pid = Number(name.slice(prefix.length))
    if (pid === process.pid || !isAlive(pid)) await rm(join(dirname(cluster), name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false
  )
}
