import { hostname } from 'node:os'
import { z } from 'zod'
import { DatabaseUrl, DataDir, LogLevel, RedisUrl } from '#contracts/settings.ts'

const RawEnvironment = z.object({
  REDIS_URL: RedisUrl.optional(),
  DATABASE_URL: DatabaseUrl.optional(),
  BOT_URL: z.url('must be the address of the bot, http://bot:3000 for instance'),
  WORKER_TOKEN: z.string('is not set; use the same value as on the bot').min(16, 'must have at least 16 characters'),
  WORKER_ID: z.string().default(`${hostname()}-${process.pid}`),
  WORK_DIR: z.string().optional(),
  DATA_DIR: DataDir,
  LOG_LEVEL: LogLevel.default('info')
})

export interface WorkerEnvironment {
  /** Where jobs come from: Redis when it is set, else Postgres. */
  readonly queue: { readonly kind: 'redis'; readonly url: string } | { readonly kind: 'postgres'; readonly url: string }
  readonly botUrl: string
  readonly workerToken: string
  readonly workerId: string
  /** Checkouts are made under this folder and removed after each job; null means the system's temporary folder. */
  readonly workDir: string | null
  /** What is kept: this machine's calibrations, in `calibrations` below it. */
  readonly dataDir: string
  readonly logLevel: string
}

export type WorkerEnvironmentResult =
  | { readonly ok: true; readonly environment: WorkerEnvironment }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads the worker's settings. Every problem is one line that names its variable and says what to do. */
export function readWorkerEnvironment(variables: NodeJS.ProcessEnv = process.env): WorkerEnvironmentResult {
  const filled = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const parsed = RawEnvironment.safeParse(filled)
  if (!parsed.success) {
    return { ok: false, problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) }
  }
  const raw = parsed.data
  const queue = chooseQueue(raw.REDIS_URL, raw.DATABASE_URL)
  if (queue === null) {
    return {
      ok: false,
      problems: ['REDIS_URL: neither REDIS_URL nor DATABASE_URL is set; one must say where jobs are.']
    }
  }
  return {
    ok: true,
    environment: {
      queue,
      botUrl: raw.BOT_URL.replace(/\/+$/, ''),
      workerToken: raw.WORKER_TOKEN,
      workerId: raw.WORKER_ID,
      workDir: raw.WORK_DIR ?? null,
      dataDir: raw.DATA_DIR,
      logLevel: raw.LOG_LEVEL
    }
  }
}

function chooseQueue(redisUrl: string | undefined, databaseUrl: string | undefined): WorkerEnvironment['queue'] | null {
  if (redisUrl !== undefined) return { kind: 'redis', url: redisUrl }
  if (databaseUrl !== undefined) return { kind: 'postgres', url: databaseUrl }
  return null
}

/** Where this machine's calibrations are kept, for the command line, which needs no other setting. */
export function readDataDir(variables: NodeJS.ProcessEnv = process.env): string {
  return DataDir.parse(variables.DATA_DIR || undefined)
}

/** Settings as they stand, for looking at an installation that may be incomplete. Null where one is not set. */
export interface InstallationSettings {
  readonly redisUrl: string | null
  readonly databaseUrl: string | null
  readonly botUrl: string | null
  readonly workerToken: string | null
  readonly dataDir: string
}

/** Reads the settings that bot and worker share, without judging them. */
export function readInstallationSettings(variables: NodeJS.ProcessEnv = process.env): InstallationSettings {
  return {
    redisUrl: variables.REDIS_URL || null,
    databaseUrl: variables.DATABASE_URL || null,
    botUrl: variables.BOT_URL || null,
    workerToken: variables.WORKER_TOKEN || null,
    dataDir: readDataDir(variables)
  }
}
