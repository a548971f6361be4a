import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { DatabaseUrl, DataDir, LogLevel, RedisUrl } from '#contracts/settings.ts'
import type { DeviceSettings } from './device/job-devices.ts'
import type { EngineCacheOptions } from './engines/create-engine-cache.ts'
import type { LfsLimits } from './source/fetch-lfs-objects.ts'
import { readLfsLimits, SOURCE_SETTINGS } from './source/source-settings.ts'

/** What a machine that measures needs to know, whoever starts the measuring: a worker or the command line. */
const MEASURING_SETTINGS = {
  ...SOURCE_SETTINGS,
  NVIDIA_SMI: z.string().startsWith('/', 'must be an absolute path').optional(),
  LD_LIBRARY_PATH: z.string().optional()
}

const RawMeasuring = z.object({ DATA_DIR: DataDir, ...MEASURING_SETTINGS })

const RawEnvironment = z.object({
  REDIS_URL: RedisUrl.optional(),
  DATABASE_URL: DatabaseUrl.optional(),
  BOT_URL: z.url('must be the address of the bot, http://bot:3000 for instance'),
  WORKER_TOKEN: z.string('is not set; use the same value as on the bot').min(16, 'must have at least 16 characters'),
  WORKER_ID: z.string().default(`${hostname()}-${process.pid}`),
  WORK_DIR: z.string().optional(),
  DATA_DIR: DataDir,
  ...MEASURING_SETTINGS,
  LOG_LEVEL: LogLevel.default('info')
})

export interface MeasuringSettings extends Required<DeviceSettings> {
  readonly lfs: Required<LfsLimits>
  readonly engines: Pick<EngineCacheOptions, 'directory'> &
    Required<Pick<EngineCacheOptions, 'allowed' | 'npm' | 'keep'>>
}

export interface WorkerEnvironment extends MeasuringSettings {
  /** Where jobs come from: Redis when it is set, else Postgres. */
  readonly queue: { readonly kind: 'redis'; readonly url: string } | { readonly kind: 'postgres'; readonly url: string }
  readonly botUrl: string
  readonly workerToken: string
  readonly workerId: string
  /** Checkouts are made under this folder and removed after each job; null means the system's temporary folder. */
  readonly workDir: string | null
  /** What is kept: this machine's calibrations and installed engines, in `calibrations` and `engines` below it. */
  readonly dataDir: string
  readonly logLevel: string
}

export type WorkerEnvironmentResult =
  | { readonly ok: true; readonly environment: WorkerEnvironment }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads the worker's settings. Every problem is one line that names its variable and says what to do. */
export function readWorkerEnvironment(variables: NodeJS.ProcessEnv = process.env): WorkerEnvironmentResult {
  const parsed = RawEnvironment.safeParse(dropEmpty(variables))
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
      ...toMeasuringSettings(raw),
      logLevel: raw.LOG_LEVEL
    }
  }
}

/**
 * The settings of a machine that measures, for the command line, which needs no others.
 *
 * @throws {Error} that names every variable that is wrong
 */
export function readMeasuringSettings(variables: NodeJS.ProcessEnv = process.env): MeasuringSettings {
  const parsed = RawMeasuring.safeParse(dropEmpty(variables))
  if (parsed.success) return toMeasuringSettings(parsed.data)
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`The settings are wrong. ${problems.join(' ')}`)
}

function dropEmpty(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
}

function toMeasuringSettings(raw: z.infer<typeof RawMeasuring>): MeasuringSettings {
  return {
    lfs: readLfsLimits(raw),
    engines: {
      directory: join(resolve(raw.DATA_DIR), 'engines'),
      allowed: raw.ENGINE_VERSIONS,
      npm: { registryUrl: raw.ENGINE_REGISTRY },
      keep: raw.ENGINES_KEEP
    },
    nvidiaSmi: raw.NVIDIA_SMI ?? null,
    libraryPath: readLibraryPath(raw.LD_LIBRARY_PATH)
  }
}

function readLibraryPath(text = ''): readonly string[] {
  return text.split(':').filter((folder) => folder !== '')
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
export interface InstallationSettings extends Required<DeviceSettings> {
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
    dataDir: readDataDir(variables),
    nvidiaSmi: variables.NVIDIA_SMI || null,
    libraryPath: readLibraryPath(variables.LD_LIBRARY_PATH)
  }
}
