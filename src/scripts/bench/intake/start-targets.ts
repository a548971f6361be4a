import { generateKeyPairSync } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { z } from 'zod'
import { readBotEnvironment } from '#src/env.ts'
import { readPostmaster, socketConfig } from '#src/history/embedded/postmaster.ts'
import { startEmbeddedPostgres } from '#src/history/embedded-postgres.ts'
import { forkProgram } from '#src/scripts/bench/forked-program.ts'
import { WEBHOOK_PATH } from '#src/web/webhook-handler.ts'
import type { BareProbotSettings } from './bare-probot.ts'
import { startRedisServer } from './redis-server.ts'

const BARE_PROGRAM = fileURLToPath(new URL('./bare-probot.ts', import.meta.url))
const BOT_PROGRAM = fileURLToPath(new URL('./real-bot.ts', import.meta.url))
const APP_ID = 1
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }

const Started = z.object({ url: z.url() })

export const TARGET_NAMES = ['bare', 'embedded', 'external'] as const
export type TargetName = (typeof TARGET_NAMES)[number]

/** Something that takes webhooks. */
export interface Target {
  readonly name: TargetName
  readonly url: string
  /** Where what it stored can be counted; null when it stores nothing. */
  readonly database: pg.ClientConfig | null
}

/** What to undo at the end; the last started is stopped first. */
export type Cleanup = Array<() => Promise<void>>

export interface TargetPlan {
  readonly folder: string
  readonly webhookSecret: string
  readonly githubHost: string
}

export interface Targets {
  readonly targets: readonly Target[]
  /** Why the bot with Redis and Postgres is not among them; null when it is. */
  readonly skipped: string | null
}

/** Starts everything that deliveries are sent to, each in a process of its own. */
export async function startTargets(plan: TargetPlan, cleanup: Cleanup): Promise<Targets> {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' }
  })
  const bare = await startBare(plan, privateKey, cleanup)
  const embedded = await startOnEmbedded(plan, privateKey, cleanup)
  const external = await startOnExternal(plan, privateKey, cleanup)
  if ('skipped' in external) return { targets: [bare, embedded], skipped: external.skipped }
  return { targets: [bare, embedded, external], skipped: null }
}

async function startBare(plan: TargetPlan, privateKey: string, cleanup: Cleanup): Promise<Target> {
  const settings: BareProbotSettings = {
    appId: APP_ID,
    privateKey,
    webhookSecret: plan.webhookSecret,
    apiUrl: `http://${plan.githubHost}/api/v3`,
    webhookPath: WEBHOOK_PATH
  }
  return { name: 'bare', url: await startProgram(BARE_PROGRAM, settings, cleanup), database: null }
}

async function startOnEmbedded(plan: TargetPlan, privateKey: string, cleanup: Cleanup): Promise<Target> {
  const dataDir = join(plan.folder, 'embedded')
  const url = await startBotProgram(plan, privateKey, { DATA_DIR: dataDir }, cleanup)
  const postmaster = await readPostmaster(join(dataDir, 'postgres'))
  if (postmaster === null) throw new Error(`The bot started without its embedded database in ${dataDir}.`)
  return { name: 'embedded', url, database: { ...socketConfig(postmaster.socketFolder), database: 'tailgate' } }
}

async function startOnExternal(plan: TargetPlan, privateKey: string, cleanup: Cleanup) {
  const redis = await startRedisServer(plan.folder)
  if (redis.kind === 'unavailable') return { skipped: redis.reason }
  cleanup.push(redis.stop)
  const dataDirectory = join(plan.folder, 'external')
  await mkdir(dataDirectory, { recursive: true })
  const postgres = await startEmbeddedPostgres({ dataDirectory, log: SILENT })
  cleanup.push(() => postgres.stop())
  const { host = '', user = '', database = '', port = 5432 } = postgres.connection
  const query = new URLSearchParams({ host, port: String(port) })
  const variables = {
    DATABASE_URL: `postgres://${user}@/${database}?${query}`,
    REDIS_URL: redis.url,
    WORKER_TOKEN: 'no worker ever asks for this'
  }
  const url = await startBotProgram(plan, privateKey, variables, cleanup)
  return { name: 'external', url, database: postgres.connection } as const
}

async function startBotProgram(
  plan: TargetPlan,
  privateKey: string,
  variables: Readonly<Record<string, string>>,
  cleanup: Cleanup
): Promise<string> {
  const result = readBotEnvironment({
    APP_ID: String(APP_ID),
    PRIVATE_KEY: privateKey,
    WEBHOOK_SECRET: plan.webhookSecret,
    GHE_HOST: plan.githubHost,
    GHE_PROTOCOL: 'http',
    PORT: '0',
    ...variables
  })
  if (!result.ok) throw new Error(result.problems.join('\n'))
  return startProgram(BOT_PROGRAM, result.environment, cleanup)
}

async function startProgram(file: string, settings: object, cleanup: Cleanup): Promise<string> {
  const program = forkProgram(file, settings)
  cleanup.push(() => program.stop())
  return Started.parse(await program.ask(null)).url
}
