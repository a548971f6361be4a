import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { claimOwnership, type Ownership } from './embedded/claim-ownership.ts'
import { createCluster } from './embedded/create-cluster.ts'
import { EmbeddedPostgresError } from './embedded/embedded-postgres-error.ts'
import { findPostgresBinaries } from './embedded/postgres-binaries.ts'
import {
  askServer,
  disownPidFile,
  isPostgresRunning,
  type Postmaster,
  readPostmaster,
  socketConfig
} from './embedded/postmaster.ts'
import { notAnswering, type Place, startServer, stopServer } from './embedded/run-server.ts'
import { clearSocketFolder, openSocketFolder, removeSocketFolder } from './embedded/socket-folder.ts'

export interface EmbeddedPostgresLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface EmbeddedPostgres {
  /** `host` is the folder of the Unix socket; there is no TCP port and no password. */
  readonly connection: pg.PoolConfig
  /** Stops the server, ending open connections and transactions. Calling it again does nothing. */
  stop(): Promise<void>
}

const ADOPT_TIMEOUT_MS = 60_000
const POLL_MS = 50
/** Together ten seconds for a server that is just being started or stopped by somebody else. */
const ATTEMPTS = 40
const RETRY_MS = 250

/**
 * Runs the Postgres that npm installed, on the data in `<dataDirectory>/postgres`, which is created when missing.
 *
 * The server is a process of its own and outlives a bot that is killed; the next bot on the same folder adopts it. Which
 * bot owns it is an advisory lock held on a connection, so owning ends with the process, whatever ended it. A second bot
 * on the same folder is refused.
 * @throws EmbeddedPostgresError
 */
export async function startEmbeddedPostgres(options: {
  readonly dataDirectory: string
  readonly log: EmbeddedPostgresLog
}): Promise<EmbeddedPostgres> {
  const { log } = options
  const dataDirectory = resolve(options.dataDirectory)
  const binaries = await findPostgresBinaries()
  const cluster = join(dataDirectory, 'postgres')
  const place: Place = { dataDirectory, cluster, logFile: join(dataDirectory, 'postgres.log'), binaries }
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  await createCluster({ cluster, binaries })
  await checkVersion(place)
  const { postmaster, ownership } = await acquireServer(place, log, ATTEMPTS)
  let stopping: Promise<void> | null = null
  return {
    connection: { ...socketConfig(postmaster.socketFolder), database: ownership.database },
    stop: () => {
      stopping ??= stopOwned(place, postmaster, ownership)
      return stopping
    }
  }
}

async function checkVersion({ cluster, binaries }: Place): Promise<void> {
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  if (version === String(binaries.majorVersion)) return
  const found = version === '' ? 'no Postgres data' : `data of Postgres ${version}`
  const message = `${cluster} holds ${found}, but this Tailgate brings Postgres ${binaries.majorVersion}. Move the folder away to start empty, or run a server of that version on it and name it in DATABASE_URL.`
  throw new EmbeddedPostgresError(message, { code: 'version_mismatch' })
}

interface OwnedServer {
  readonly postmaster: Postmaster
  readonly ownership: Ownership
}

async function acquireServer(place: Place, log: EmbeddedPostgresLog, attempts: number): Promise<OwnedServer> {
  const lost = (reason: string): void => log.error({ reason }, 'embedded postgres ended on its own')
  try {
    const adopted = await adoptServer(place, log)
    const postmaster = adopted ?? (await startOwn(place))
    const ownership = await claimOwnership({ ...postmaster, dataDirectory: place.dataDirectory, lost })
    log.info({ pid: postmaster.pid, adopted: adopted !== null }, 'embedded postgres ready')
    return { postmaster, ownership }
  } catch (error) {
    if (attempts <= 1 || !(await mayPassSoon(place, error))) throw error
    await delay(RETRY_MS)
    return acquireServer(place, log, attempts - 1)
  }
}

async function startOwn(place: Place): Promise<Postmaster> {
  const socketFolder = await openSocketFolder(place.dataDirectory)
  try {
    return await startServer(place, socketFolder)
  } catch (error) {
    await removeSocketFolder(socketFolder)
    throw error
  }
}

/**
 * Two bots may start a server at once, and Postgres lets only one through. And it refuses to start while a process of a
 * killed server still finishes its query.
 */
async function mayPassSoon(place: Place, error: unknown): Promise<boolean> {
  // A connection that broke: the server was just being stopped.
  if (!(error instanceof EmbeddedPostgresError)) return true
  if (error.code !== 'start_failed') return false
  const postmaster = await readPostmaster(place.cluster)
  return (postmaster !== null && (await isPostgresRunning(postmaster.pid))) || error.message.includes('still in use')
}

/** The server that already runs on the data, or null after clearing what a dead one left. */
async function adoptServer(place: Place, log: EmbeddedPostgresLog): Promise<Postmaster | null> {
  const deadlineMs = performance.now() + ADOPT_TIMEOUT_MS
  for (;;) {
    const postmaster = await readPostmaster(place.cluster)
    if (postmaster === null) return null
    const answer = await askServer(postmaster.socketFolder)
    if (answer === 'ready') return postmaster
    // The socket is asked first: from inside another container the process id means nothing, the socket still answers.
    if (answer === 'silent' && !(await isPostgresRunning(postmaster.pid))) {
      await disownPidFile(place.cluster)
      await clearSocketFolder(postmaster.socketFolder)
      log.warn({ pid: postmaster.pid }, 'embedded postgres had died and is started again')
      return null
    }
    if (performance.now() > deadlineMs) throw notAnswering(place, postmaster.pid)
    await delay(POLL_MS)
  }
}

async function stopOwned(place: Place, postmaster: Postmaster, ownership: Ownership): Promise<void> {
  // The lock is held until the server is gone: a bot that starts now must not adopt a server about to stop.
  ownership.expectEnd()
  await stopServer(place, postmaster)
  await ownership.release()
  await removeSocketFolder(postmaster.socketFolder)
}
