import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { resolve } from 'node:path'
import type pg from 'pg'
import type { Logger } from 'pino'
import { Probot, type ProbotOctokit } from 'probot'
import { runIdOfJob } from './contracts/benchmark-job.ts'
import type { BotEnvironment } from './env.ts'
import { createGithub } from './github/create-github.ts'
import { fetchWithTimeout } from './github/fetch-with-timeout.ts'
import { mintSourceToken } from './github/mint-source-token.ts'
import { startEmbeddedPostgres } from './history/embedded-postgres.ts'
import { type History, openHistory } from './history/open-history.ts'
import { createRequestIntake } from './history/request-intake.ts'
import { createRunStore } from './history/run-store.ts'
import { type LedReconciler, leadReconciler } from './lead-reconciler.ts'
import { startLocalWorker } from './local-worker.ts'
import { openQueue } from './open-queue.ts'
import type { QueueConnection } from './queue/connection.ts'
import { COMMENT_MARKER } from './report/comment-marker.ts'
import { createReportRenderer } from './report-renderer.ts'
import { createResultJudge } from './result-judge.ts'
import type { JobQueue, ResultJudge, RunDeps } from './run/ports.ts'
import type { ReconcilerTimes } from './run/reconcile.ts'
import { createHttpServer, type Handler } from './web/create-server.ts'
import { describeLoggedError } from './web/describe-logged-error.ts'
import { createHealthHandler } from './web/health-handler.ts'
import { createIndexHandler } from './web/index-handler.ts'
import { createSourceTokenHandler } from './web/source-token-handler.ts'
import { createWebhookHandler } from './web/webhook-handler.ts'
import { registerWebhooks } from './webhook/register-webhooks.ts'

export interface Bot {
  /** Where the bot listens, `http://127.0.0.1:3000`. */
  readonly url: string
  /** Finishes what is being written, stops the local worker and the embedded database. */
  stop(): Promise<void>
}

export interface BotOptions {
  readonly environment: BotEnvironment
  readonly log: Logger
  readonly times?: ReconcilerTimes
  /** Without REDIS_URL a worker is started beside the bot, unless this says no. */
  readonly startsWorker?: boolean
  /** GitHub client instead of Probot's own: without its throttling, in tests. */
  readonly octokit?: typeof ProbotOctokit
  /** The process must end: it may no longer act on the stored runs. */
  readonly lost: () => void
}

/** What to undo at the end; the last started is stopped first. */
type Cleanup = Array<() => Promise<void>>

/**
 * Puts the bot together and starts it: database, queue, reconciler, web server and, without REDIS_URL, a local worker.
 * When a part cannot start, those before it are stopped again.
 */
export async function startBot(options: BotOptions): Promise<Bot> {
  const cleanup: Cleanup = []
  const undo = async () => {
    for (const step of cleanup.splice(0).reverse()) {
      // One part that cannot stop must not keep the others, the database above all, from stopping.
      await step().catch((error: unknown) => options.log.error({ err: error }, 'a part did not stop cleanly'))
    }
  }
  try {
    const url = await assembleBot(options, cleanup)
    return { url, stop: undo }
  } catch (error) {
    await undo()
    throw error
  }
}

async function assembleBot(options: BotOptions, cleanup: Cleanup): Promise<string> {
  const { environment, log } = options
  const database = await openDatabase(environment, log, cleanup)
  const history = await openHistory(database)
  cleanup.push(() => history.close())
  const probot = createProbotApp(options)
  let reconciler: LedReconciler | null = null
  const connection = queueConnection(environment, database)
  const opened = await openQueue({ connection, log, changed: (id) => reconciler?.nudgeRun(runIdOfJob(id)) })
  cleanup.push(opened.close)
  const judge = createResultJudge({ log })
  const deps = createRunDeps(environment, log, probot, history, { queue: opened.queue, judge: judge.judge })
  reconciler = leadReconciler({ deps, connection: database, times: options.times, lost: options.lost })
  cleanup.push(reconciler.stop)
  // Before the reconciler, which waits for what is being judged.
  cleanup.push(judge.close)

  const intake = createRequestIntake(history.db)
  await probot.load((app) =>
    registerWebhooks(app, { appId: environment.appId, store: intake.store, stored: () => reconciler?.nudge() })
  )
  const workerToken = environment.workerToken ?? randomBytes(32).toString('hex')
  const handlers = await createHandlers(environment, probot, history, deps, workerToken)
  const url = await listen(environment, handlers, log, cleanup)
  if (environment.redisUrl === null && options.startsWorker !== false) {
    const worker = startLocalWorker(workerVariables(environment, database, workerToken, url), log, environment.path)
    cleanup.push(() => worker.stop())
  }
  return url
}

async function openDatabase(environment: BotEnvironment, log: Logger, cleanup: Cleanup): Promise<pg.PoolConfig> {
  if (environment.databaseUrl !== null) return { connectionString: environment.databaseUrl }
  const embedded = await startEmbeddedPostgres({ dataDirectory: resolve(environment.dataDir), log })
  cleanup.push(() => embedded.stop())
  return embedded.connection
}

function queueConnection({ redisUrl }: BotEnvironment, database: pg.PoolConfig): QueueConnection {
  return redisUrl === null ? { kind: 'postgres', config: database } : { kind: 'redis', url: redisUrl }
}

function createProbotApp({ environment, log, octokit }: BotOptions): Probot {
  return new Probot({
    appId: environment.appId,
    privateKey: environment.privateKey,
    secret: environment.webhookSecret,
    baseUrl: environment.apiUrl,
    log: log.child({ name: 'probot' }, { serializers: { err: describeLoggedError } }),
    request: { fetch: fetchWithTimeout },
    Octokit: octokit
  })
}

function createRunDeps(
  environment: BotEnvironment,
  log: Logger,
  probot: Probot,
  history: History,
  { queue, judge }: { readonly queue: JobQueue; readonly judge: ResultJudge['judge'] }
): RunDeps {
  const github = createGithub({
    client: async (installationId) => (await probot.auth(installationId)).rest,
    appId: environment.appId,
    githubUrl: environment.githubUrl,
    commentMarker: COMMENT_MARKER
  })
  const store = createRunStore(history.db)
  return { github, queue, store, judge, render: createReportRenderer(github), log, now: () => new Date() }
}

async function createHandlers(
  environment: BotEnvironment,
  probot: Probot,
  history: History,
  deps: RunDeps,
  workerToken: string
): Promise<Handler[]> {
  return [
    await createWebhookHandler(probot),
    createIndexHandler(),
    createHealthHandler({
      pingDatabase: async () => {
        await history.pool.query('select 1')
      }
    }),
    createSourceTokenHandler({
      workerToken,
      apiUrl: environment.apiUrl,
      findRunOfJob: (id) => deps.store.findRun(runIdOfJob(id)),
      cloneUrl: (run) => deps.github.cloneUrl(run.repository),
      mint: async (run) => mintSourceToken((await probot.auth()).rest, run.repository)
    })
  ]
}

async function listen(environment: BotEnvironment, handlers: Handler[], log: Logger, cleanup: Cleanup) {
  const server = createHttpServer({ handlers, failed: (error) => log.error({ err: error }, 'request failed') })
  server.listen(environment.port, environment.host)
  await once(server, 'listening')
  cleanup.push(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    await closed
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : environment.port
  return `http://${environment.host.includes(':') ? `[${environment.host}]` : environment.host}:${port}`
}

/** Everything the local worker gets to know; nothing of the App's is in it. */
function workerVariables(
  environment: BotEnvironment,
  database: pg.PoolConfig,
  workerToken: string,
  url: string
): Record<string, string> {
  return {
    ...environment.workerSettings,
    DATABASE_URL: environment.databaseUrl ?? toDatabaseUrl(database),
    BOT_URL: environment.botUrl ?? url.replace('//0.0.0.0', '//127.0.0.1').replace('//[::]', '//[::1]'),
    WORKER_TOKEN: workerToken,
    DATA_DIR: resolve(environment.dataDir),
    LOG_LEVEL: environment.logLevel
  }
}

/** Address of the embedded database on its Unix socket, as `pg` reads it. */
function toDatabaseUrl({ host, user, database, port }: pg.PoolConfig): string {
  const query = new URLSearchParams({ host: host ?? '', ...(port === undefined ? {} : { port: String(port) }) })
  return `postgres://${user ?? ''}@/${database ?? ''}?${query}`
}
