import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFreePort } from '#src/cli/demo/find-free-port.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#src/history/embedded-postgres.ts'
import { prepareQueue } from '#src/queue/connection.ts'
import type { GitHubStandIn } from '#test/fakes/github/github-stand-in.ts'
import { startGitHub } from '#test/fakes/github/start-github.ts'
import {
  CONFIG,
  measured,
  REPOSITORY,
  silentLog,
  startScriptedWorker,
  toDatabaseUrl,
  waitForConclusion
} from './bot-harness.ts'

const BOT_PROGRAM = join(import.meta.dirname, 'killable-bot.ts')

/** A run makes twelve requests or more; each test kills the bot just before one of them. */
const KILL_AT = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]

let dataDirectory: string
let postgres: EmbeddedPostgres
let github: GitHubStandIn
let port: number
let app: ReturnType<GitHubStandIn['createApp']>
let pool: pg.Pool
let running: ChildProcess | null = null
let worker: Awaited<ReturnType<typeof startScriptedWorker>>

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'tailgate-crash-'))
  postgres = await startEmbeddedPostgres({ dataDirectory, log: silentLog })
  pool = new pg.Pool(postgres.connection)
  await prepareQueue({ kind: 'postgres', config: postgres.connection }, silentLog)
  github = await startGitHub()
  port = await findFreePort()
  app = github.createApp({ webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks` })
  await github.createRepository({
    owner: 'acme',
    name: 'voice',
    files: { '.github/tailgate.yml': CONFIG, 'models/vad.onnx': 'first model' }
  })
  worker = await startScriptedWorker({ kind: 'postgres', config: postgres.connection })
  worker.setScript((job) => measured(job, 1.2))
})
afterAll(async () => {
  await worker.server.close({ graceMs: 0 })
  await pool.end()
  await github.close()
  await postgres.stop()
  await rm(dataDirectory, { recursive: true, force: true })
})

/** The real bot in its own process; with `killAt` it dies by SIGKILL just before its n-th request to GitHub. */
async function startKillableBot(killAt: number | null): Promise<ChildProcess> {
  const child = spawn(process.execPath, [BOT_PROGRAM], {
    env: {
      ...process.env,
      APP_ID: String(app.appId),
      PRIVATE_KEY: app.privateKey,
      WEBHOOK_SECRET: app.webhookSecret,
      GHE_HOST: github.host,
      GHE_PROTOCOL: 'http',
      PORT: String(port),
      DATABASE_URL: toDatabaseUrl(postgres.connection),
      LOG_LEVEL: 'silent',
      KILL_AT: killAt === null ? '' : String(killAt)
    },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error('The bot ended while it started.')
    })
  ])
  return child
}

afterEach(async () => {
  if (running === null || running.exitCode !== null || running.signalCode !== null) return
  const exited = once(running, 'exit')
  running.kill('SIGKILL')
  await exited
})

async function countUnpublished(): Promise<number> {
  const { rows } = await pool.query<{ n: number }>("select count(*)::int as n from run where state_kind <> 'published'")
  return rows[0]?.n ?? 0
}

test.each(KILL_AT)(
  'a bot killed before its request %i to GitHub finishes the check after a restart',
  async (killAt) => {
    const branch = `killed-at-${killAt}`
    const doomed = await startKillableBot(killAt)
    const died = once(doomed, 'exit')
    await github.commit(REPOSITORY, branch, { files: { 'models/vad.onnx': branch }, from: 'main' })
    const pull = await github.openPullRequest(REPOSITORY, { head: branch, author: 'acme' })
    await died

    running = await startKillableBot(null)

    const check = await waitForConclusion(github, pull.headSha)
    expect(check.conclusion).toBe('failure')
    await expect.poll(() => github.comments(REPOSITORY, pull.number).length, { timeout: 10_000 }).toBe(1)
    expect(github.checkRuns(REPOSITORY, pull.headSha)).toHaveLength(1)
    expect(worker.jobs.filter(({ candidateSha }) => candidateSha === pull.headSha)).toHaveLength(1)
    expect(github.violations).toEqual([])
    // The next bot must not begin with this run.
    await expect.poll(countUnpublished, { timeout: 10_000 }).toBe(0)
  }
)
