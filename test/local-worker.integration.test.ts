import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openBenchmarkQueue } from '#queue/benchmark-queue.ts'
import { prepareQueue } from '#queue/connection.ts'
import { startEmbeddedPostgres } from '#src/history/embedded-postgres.ts'
import { tryLock } from '#workers/measuring-lock.ts'
import { toDatabaseUrl } from './bot/bot-harness.ts'
import { caseSpec, smallJob } from './fixtures/measuring/small-job.ts'

const PARENT = resolve('test/fixtures/local-worker/parent.ts')
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined }
const LogLine = z.object({ pid: z.int(), msg: z.string() })
/** Larger than any that the system gives. */
const DEAD_PID = 4_194_305

let directory = ''
let workRoot = ''
let dataDirectory = ''
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>
let running: { readonly parent: ChildProcess; readonly workerPid: number } | null = null

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailgate-local-worker-'))
  workRoot = join(directory, 'work')
  dataDirectory = join(directory, 'kept')
  await mkdir(workRoot)
  postgres = await startEmbeddedPostgres({ dataDirectory: join(directory, 'data'), log: QUIET })
  await prepareQueue({ kind: 'postgres', config: postgres.connection }, QUIET)
})
// The worker is waited for: the database must not end before it.
afterEach(async () => {
  const { parent, workerPid } = running ?? {}
  parent?.kill('SIGKILL')
  if (workerPid !== undefined) await expect.poll(() => isRunning(workerPid), { timeout: 30_000 }).toBe(false)
})
afterAll(async () => {
  await postgres.stop()
  await rm(directory, { recursive: true, force: true })
})

/** Starts a process that stands for the bot, and waits until its worker takes jobs. */
async function startParent(): Promise<NonNullable<typeof running>> {
  const variables = {
    DATABASE_URL: toDatabaseUrl(postgres.connection),
    BOT_URL: 'http://127.0.0.1:9',
    WORKER_TOKEN: 'a-worker-token-for-tests-only',
    WORK_DIR: workRoot,
    DATA_DIR: dataDirectory
  }
  const started = spawn(process.execPath, [PARENT, JSON.stringify(variables)], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: started.stdout })) {
    const { pid, msg } = LogLine.parse(JSON.parse(line))
    if (msg === 'waiting for jobs') {
      running = { parent: started, workerPid: pid }
      return running
    }
  }
  throw new Error('The worker did not get so far.')
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a worker ends when its bot is killed', async () => {
  const { parent: bot, workerPid } = await startParent()
  expect(isRunning(workerPid)).toBe(true)

  bot.kill('SIGKILL')

  await expect.poll(() => isRunning(workerPid), { timeout: 30_000 }).toBe(false)
})

test('a worker ends with its bot, and the bot waits for it', async () => {
  const { parent: bot, workerPid } = await startParent()
  const exited = once(bot, 'exit')

  bot.kill('SIGTERM')
  const [code] = await exited

  expect(code).toBe(0)
  expect(isRunning(workerPid)).toBe(false)
})

test('a worker removes at its start what a killed one left', async () => {
  const host = hostname().replaceAll(/[^A-Za-z0-9]/g, '_')
  await mkdir(join(workRoot, `job-${host}-${DEAD_PID}-a1B2c3`, 'baseline'), { recursive: true })

  await startParent()

  expect(await readdir(workRoot)).toEqual([])
})

test.skipIf(process.platform !== 'linux')(
  'a worker begins its job when the calibration of its machine has ended',
  async () => {
    const lock = await tryLock({ dataDirectory, work: 'calibration' })
    const queue = await openBenchmarkQueue({
      connection: { kind: 'postgres', config: postgres.connection },
      log: QUIET
    })
    const job = smallJob([caseSpec('vad')])
    await startParent()

    await queue.add(job, { priority: 1 })

    await expect
      .poll(() => queue.state(job.jobId), { timeout: 30_000 })
      .toMatchObject({
        kind: 'active',
        progress: { message: expect.stringContaining('a calibration on this machine') }
      })
    if (lock.kind === 'taken') lock.release()
    await expect
      .poll(() => queue.state(job.jobId), { timeout: 30_000 })
      .toMatchObject({ progress: { phase: 'fetching' } })
    await queue.requestCancel(job.jobId, 'The test has seen enough.')
    await queue.close()
  }
)
