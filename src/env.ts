import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { DatabaseUrl, DataDir, LogLevel, RedisUrl } from '#contracts/settings.ts'

/** Shorter secrets can be guessed; GitHub suggests a random string of high entropy. */
const SECRET_MIN_LENGTH = 16

/** Secrets that documentation and libraries use as placeholders. Probot itself falls back to `development`. */
const PLACEHOLDER_SECRET = /^(development|secret|changeme|change-me|password|test|your-webhook-secret)/i

const Port = z.coerce.number().int().min(0).max(65_535)

/** Settings of the worker that the bot starts beside itself, which reads and checks them: workers/env.ts. */
const LOCAL_WORKER_VARIABLES: readonly string[] = [
  'WORK_DIR',
  'LFS_OBJECT_MAX_MIB',
  'LFS_TOTAL_MAX_MIB',
  'ENGINE_VERSIONS',
  'ENGINE_REGISTRY',
  'ENGINES_KEEP',
  'NVIDIA_SMI',
  'LD_LIBRARY_PATH'
]

const RawEnvironment = z.object({
  APP_ID: z.coerce.number().int().positive(),
  PRIVATE_KEY: z.string().optional(),
  PRIVATE_KEY_PATH: z.string().optional(),
  WEBHOOK_SECRET: z.string().default(''),
  GHE_HOST: z.string().optional(),
  GHE_PROTOCOL: z.enum(['http', 'https']).default('https'),
  HOST: z.string().default('127.0.0.1'),
  PORT: Port.default(3000),
  REDIS_URL: RedisUrl.optional(),
  DATABASE_URL: DatabaseUrl.optional(),
  DATA_DIR: DataDir,
  BOT_URL: z.url().optional(),
  WORKER_TOKEN: z.string().optional(),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
  LOG_LEVEL: LogLevel.default('info')
})

export interface BotEnvironment {
  readonly appId: number
  readonly privateKey: string
  readonly webhookSecret: string
  /** Root of the GitHub this App lives on: `https://github.com`, or the Enterprise Server's. */
  readonly githubUrl: string
  /** Root of its REST API. */
  readonly apiUrl: string
  readonly host: string
  readonly port: number
  readonly redisUrl: string | null
  readonly databaseUrl: string | null
  readonly dataDir: string
  /** Where workers reach the bot; null means on this machine. */
  readonly botUrl: string | null
  /** Null only without REDIS_URL: then the bot starts its own worker and makes up a token. */
  readonly workerToken: string | null
  /** Where programs are looked for; the local worker needs git. */
  readonly path: string
  /** Of the local worker alone, by name; only those that are set. */
  readonly workerSettings: Readonly<Record<string, string>>
  readonly logLevel: string
}

export type EnvironmentResult<Environment> =
  | { readonly ok: true; readonly environment: Environment }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads the bot's settings. Every problem is one line that names its variable and says what to do. */
export function readBotEnvironment(variables: NodeJS.ProcessEnv = process.env): EnvironmentResult<BotEnvironment> {
  const parsed = RawEnvironment.safeParse(dropEmpty(variables))
  if (!parsed.success) {
    return { ok: false, problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${explain(issue)}`) }
  }
  const raw = parsed.data
  const problems = [...checkSecret(raw.WEBHOOK_SECRET), ...checkWorkerToken(raw.WORKER_TOKEN, raw.REDIS_URL)]
  const key = readPrivateKey(raw.PRIVATE_KEY, raw.PRIVATE_KEY_PATH)
  if (!key.ok) problems.push(key.problem)
  if (problems.length > 0 || !key.ok) return { ok: false, problems }
  const githubUrl = raw.GHE_HOST === undefined ? 'https://github.com' : `${raw.GHE_PROTOCOL}://${raw.GHE_HOST}`
  return {
    ok: true,
    environment: {
      appId: raw.APP_ID,
      privateKey: key.pem,
      webhookSecret: raw.WEBHOOK_SECRET,
      githubUrl,
      apiUrl: raw.GHE_HOST === undefined ? 'https://api.github.com' : `${githubUrl}/api/v3`,
      host: raw.HOST,
      port: raw.PORT,
      redisUrl: raw.REDIS_URL ?? null,
      databaseUrl: raw.DATABASE_URL ?? null,
      dataDir: raw.DATA_DIR,
      botUrl: raw.BOT_URL ?? null,
      workerToken: raw.WORKER_TOKEN ?? null,
      path: raw.PATH,
      workerSettings: pickWorkerSettings(variables),
      logLevel: raw.LOG_LEVEL
    }
  }
}

function pickWorkerSettings(variables: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const picked = LOCAL_WORKER_VARIABLES.map((name) => [name, variables[name] ?? ''] as const)
  return Object.fromEntries(picked.filter(([, value]) => value !== ''))
}

/** An empty variable (`PORT=`) means that it is not set, as compose files write it. WEBHOOK_SECRET keeps its own message. */
function dropEmpty(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
}

function explain(issue: z.core.$ZodIssue): string {
  if (issue.path[0] === 'APP_ID') return 'is not set to a number; the App’s settings page shows it as "App ID".'
  return issue.message
}

function checkSecret(secret: string): string[] {
  const advice = 'Set the same long random string here and in the App’s settings (openssl rand -hex 32).'
  if (secret === '') return [`WEBHOOK_SECRET: is empty, so anyone could forge webhooks. ${advice}`]
  if (PLACEHOLDER_SECRET.test(secret)) return [`WEBHOOK_SECRET: is a placeholder that anyone can guess. ${advice}`]
  if (secret.length < SECRET_MIN_LENGTH) {
    return [`WEBHOOK_SECRET: has ${secret.length} characters; at least ${SECRET_MIN_LENGTH} are needed. ${advice}`]
  }
  return []
}

function checkWorkerToken(token: string | undefined, redisUrl: string | undefined): string[] {
  if (token === undefined) {
    if (redisUrl === undefined) return []
    return ['WORKER_TOKEN: is not set; with REDIS_URL workers need it to ask the bot for repository access.']
  }
  if (token.length >= SECRET_MIN_LENGTH) return []
  return [`WORKER_TOKEN: has ${token.length} characters; at least ${SECRET_MIN_LENGTH} are needed.`]
}

function readPrivateKey(
  inline: string | undefined,
  path: string | undefined
): { readonly ok: true; readonly pem: string } | { readonly ok: false; readonly problem: string } {
  if (inline !== undefined) return checkPem('PRIVATE_KEY', inline.replaceAll('\\n', '\n'))
  if (path === undefined) {
    return {
      ok: false,
      problem: 'PRIVATE_KEY: neither PRIVATE_KEY nor PRIVATE_KEY_PATH is set; one must hold the App’s key.'
    }
  }
  try {
    return checkPem('PRIVATE_KEY_PATH', readFileSync(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ok: false, problem: `PRIVATE_KEY_PATH: the file cannot be read (${reason}).` }
  }
}

function checkPem(variable: string, text: string) {
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8')
  if (/-----BEGIN (RSA )?PRIVATE KEY-----/.test(pem)) return { ok: true, pem } as const
  return { ok: false, problem: `${variable}: is not a PEM private key (-----BEGIN … PRIVATE KEY-----).` } as const
}

/** Where programs are looked for, to hand on to a child process that gets nothing else of this environment. */
export function searchPath(): string {
  return process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'
}
