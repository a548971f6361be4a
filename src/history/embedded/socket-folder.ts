import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** `sun_path` of a socket address holds 107 bytes on Linux and 103 on macOS. */
const SOCKET_PATH_LIMIT_BYTES = 100
const SOCKET_NAME = '.s.PGSQL.5432'
const SHORT_PREFIX = 'tailgate-pg-'

/**
 * The folder for the server's socket, which only this user may enter: beside the data, or, where that path is too long
 * for a socket, a new one under the system's temporary folder. A running server's `postmaster.pid` says which.
 */
export async function openSocketFolder(dataDirectory: string): Promise<string> {
  const beside = join(dataDirectory, 'postgres-socket')
  if (!fitsSocket(beside)) return mkdtemp(join(tmpdir(), SHORT_PREFIX))
  await mkdir(beside, { recursive: true, mode: 0o700 })
  await chmod(beside, 0o700)
  return beside
}

/** Removes the socket of a dead server, and its lock file: that names a process id which may be another's by now. */
export async function clearSocketFolder(folder: string): Promise<void> {
  if (folder === '') return
  await rm(join(folder, SOCKET_NAME), { force: true })
  await rm(join(folder, `${SOCKET_NAME}.lock`), { force: true })
  await removeSocketFolder(folder)
}

/** Removes a folder that {@link openSocketFolder} made under the temporary folder; leaves any other. */
export async function removeSocketFolder(folder: string): Promise<void> {
  if (folder !== join(tmpdir(), basename(folder)) || !basename(folder).startsWith(SHORT_PREFIX)) return
  await rm(folder, { recursive: true, force: true })
}

function fitsSocket(folder: string): boolean {
  // Postgres takes a list of folders: a comma or a quote in the name would be read as part of the list.
  return Buffer.byteLength(join(folder, SOCKET_NAME)) <= SOCKET_PATH_LIMIT_BYTES && !/[,"]/.test(folder)
}
