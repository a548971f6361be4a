import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import pino, { type Logger } from 'pino'
import { ProbotOctokit } from 'probot'
import { vi } from 'vitest'
import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { ProcessContext, QueueServer } from '#queue/serve-queue.ts'
import { serveQueue } from '#queue/serve-queue.ts'
import type { BotEnvironment } from '#src/env.ts'
import { startEmbeddedPostgres } from '#src/history/embedded-postgres.ts'
import type { QueueConnection } from '#src/queue/connection.ts'
import { type Bot, startBot } from '#src/start-bot.ts'
import type { FileChange } from '#test/fakes/github/git-repository.ts'
import type { GitHubStandIn } from '#test/fakes/github/github-stand-in.ts'
import { startGitHub } from '#test/fakes/github/start-github.ts'
import type { CheckRunRecord, PullRequestRecord } from '#test/fakes/github/state.ts'
import { sampleBlocks, sampleResult } from '#test/run/sample-run.ts'

export const REPOSITORY = 'acme/voice'
export const CONFIG = `version: 1
models:
  vad: { path: models/vad.onnx }
scenarios: { single_stream: {} }
`

/** What the scripted worker does with a job: a factor means "measured, the candidate takes so many times as long". */
export type WorkerScript = (job: BenchmarkJob, context: ProcessContext) => Promise<BenchmarkResult> | BenchmarkResult

export interface NewPull {
  readonly branch?: string
  readonly author?: string
  /** Branch to start from and to merge into; main when missing. */
  readonly base?: string
}

/** The real bot, a real Postgres, the GitHub stand-in over HTTP, and a worker whose measurements are scripted. */
export interface BotHarness {
  readonly github: GitHubStandIn
  readonly url: string
  readonly jobs: readonly BenchmarkJob[]
  setScript(script: WorkerScript): void
  openPull(files: Readonly<Record<string, FileChange>>, options?: NewPull): Promise<PullRequestRecord>
  checkOf(headSha: string): CheckRunRecord | undefined
  /** Waits for a completed check on a commit. */
  concluded(headSha: string): Promise<CheckRunRecord>
  query(sql: string): Promise<readonly Record<string, unknown>[]>
  stop(): Promise<void>
}

export const silentLog = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })

/** Probot's client without waiting between writes and without its own retries: the reconciler's are tested. */
export const UnthrottledOctokit = ProbotOctokit.defaults((options: object) => ({
  ...options,
  throttle: { enabled: false },
  retry: { enabled: false }
}))

export interface HarnessOptions {
  /** An hour unless given: sweeps would blur what the webhooks did. */
  readonly sweepEveryMs?: number
  readonly redisUrl?: string | null
  readonly log?: Logger
}

export async function startHarness(options: HarnessOptions = {}): Promise<BotHarness> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'tailgate-bot-test-'))
  const postgres = await startEmbeddedPostgres({ dataDirectory, log: silentLog })
  const github = await startGitHub()
  const app = github.createApp()
  await github.createRepository({
    owner: 'acme',
    name: 'voice',
    private: true,
    files: { 'README.md': '# Voice\n', '.github/tailgate.yml': CONFIG, 'models/vad.onnx': 'first model' }
  })
  github.setPermission(REPOSITORY, 'mona', 'write')
  const databaseUrl = toDatabaseUrl(postgres.connection)
  const environment = createEnvironment({ ...app, github, databaseUrl, redisUrl: options.redisUrl ?? null })
  const bot = await startTestBot(environment, options)
  github.setWebhookUrl(`${bot.url}/api/github/webhooks`)
  const worker = await startScriptedWorker(
    options.redisUrl ? { kind: 'redis', url: options.redisUrl } : { kind: 'postgres', config: postgres.connection }
  )
  const pool = new pg.Pool(postgres.connection)
  return {
    github,
    url: bot.url,
    jobs: worker.jobs,
    setScript: worker.setScript,
    openPull: (files, how) => openPull(github, files, how),
    checkOf: (headSha) => github.checkRuns(REPOSITORY, headSha).at(-1),
    concluded: (headSha) => waitForConclusion(github, headSha),
    query: async (sql) => (await pool.query<Record<string, unknown>>(sql)).rows,
    stop: async () => {
      await worker.server.close({ graceMs: 0 })
      await bot.stop()
      await pool.end()
      await github.close()
      await postgres.stop()
      await rm(dataDirectory, { recursive: true, force: true })
    }
  }
}

export function toDatabaseUrl({ host, user, database }: pg.PoolConfig): string {
  return `postgres://${user}@/${database}?${new URLSearchParams({ host: host ?? '' })}`
}

export function createEnvironment(options: {
  readonly appId: number
  readonly privateKey: string
  readonly webhookSecret: string
  readonly github: GitHubStandIn
  readonly databaseUrl: string
  readonly redisUrl: string | null
}): BotEnvironment {
  return {
    appId: options.appId,
    privateKey: options.privateKey,
    webhookSecret: options.webhookSecret,
    githubUrl: options.github.url,
    apiUrl: options.github.apiUrl,
    host: '127.0.0.1',
    port: 0,
    redisUrl: options.redisUrl,
    databaseUrl: options.databaseUrl,
    dataDir: '.unused',
    botUrl: null,
    workerToken: 'a-worker-token-for-tests-only',
    path: '/usr/bin:/bin',
    workerSettings: {},
    logLevel: 'silent'
  }
}

export function startTestBot(
  environment: BotEnvironment,
  options: Pick<HarnessOptions, 'log' | 'sweepEveryMs'> = {}
): Promise<Bot> {
  return startBot({
    environment,
    log: options.log ?? silentLog,
    startsWorker: false,
    octokit: UnthrottledOctokit,
    times: { passEveryMs: 300, sweepEveryMs: options.sweepEveryMs ?? 3_600_000 },
    lost: () => {
      throw new Error('The bot lost its leadership.')
    }
  })
}

interface ScriptedWorker {
  readonly jobs: readonly BenchmarkJob[]
  readonly server: QueueServer
  setScript(script: WorkerScript): void
}

export async function startScriptedWorker(connection: QueueConnection): Promise<ScriptedWorker> {
  const jobs: BenchmarkJob[] = []
  let script: WorkerScript = (job) => measured(job, 1)
  const server = await serveQueue({
    connection,
    workerId: 'scripted',
    log: silentLog,
    process: async (job, context) => {
      jobs.push(job)
      return script(job, context)
    }
  })
  return {
    jobs,
    server,
    setScript: (next) => {
      script = next
    }
  }
}

/** A result for every case of a job, the candidate taking `factor` times as long. */
export function measured(job: BenchmarkJob, factor: number): BenchmarkResult {
  const sample = sampleResult(factor)
  const [template] = sample.cases
  if (template === undefined || template.status !== 'measured') throw new Error('The sample holds no measured case.')
  return {
    ...sample,
    jobId: job.jobId,
    baselineSha: job.baselineSha,
    candidateSha: job.candidateSha,
    cases: job.cases.map(({ id }) => ({ ...template, caseId: id, blocks: sampleBlocks(factor) }))
  }
}

let branches = 0

async function openPull(
  github: GitHubStandIn,
  files: Readonly<Record<string, FileChange>>,
  how: NewPull = {}
): Promise<PullRequestRecord> {
  branches += 1
  const branch = how.branch ?? `change-${branches}`
  const author = how.author ?? 'mona'
  const base = how.base ?? 'main'
  await github.commit(REPOSITORY, branch, { files, message: branch, author, from: base })
  return github.openPullRequest(REPOSITORY, { title: branch, head: branch, base, author })
}

export async function waitForConclusion(github: GitHubStandIn, headSha: string): Promise<CheckRunRecord> {
  return vi.waitFor(
    () => {
      const check = github.checkRuns(REPOSITORY, headSha).at(-1)
      if (check === undefined || check.conclusion === null) throw new Error(`No concluded check on ${headSha} yet.`)
      return check
    },
    { timeout: 60_000, interval: 50 }
  )
}
