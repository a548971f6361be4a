import { tmpdir } from 'node:os'
import pino from 'pino'
import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import { errorFields } from '#queue/queue-log.ts'
import { type ProcessContext, type QueueServer, serveQueue } from '#queue/serve-queue.ts'
import { readCalibrations } from './calibration/read-calibrations.ts'
import { createJobRunner } from './create-job-runner.ts'
import { readWorkerEnvironment } from './env.ts'
import { type Holder, nameHolder, waitForLock } from './measuring-lock.ts'
import { prepareWorkRoot } from './prepare-work-root.ts'
import { probeBubblewrap } from './sandbox/find-bubblewrap.ts'
import { removeLeftScratchFolders } from './scratch-folder.ts'
import { createSourceFetcher } from './source/create-source-fetcher.ts'

/** A job under way when the worker is told to stop is handed back at once: another worker starts it afresh. */
const SHUTDOWN_GRACE_MS = 0

const result = readWorkerEnvironment()
if (!result.ok) {
  for (const problem of result.problems) process.stderr.write(`tailgate worker: ${problem}\n`)
  process.exit(2)
}
const { environment } = result
if (process.argv.includes('--check')) {
  process.stdout.write('tailgate worker: the settings are complete.\n')
  process.exit(0)
}

const log = pino({ name: 'tailgate-worker', level: environment.logLevel })
const source = createSourceFetcher(environment)
let server: QueueServer | null = null
let stopping = false

async function shutDown(cause: string): Promise<void> {
  if (stopping) return
  stopping = true
  log.info({ cause }, 'stopping')
  try {
    await server?.close({ graceMs: SHUTDOWN_GRACE_MS })
    await source.settle()
  } catch (error) {
    log.error(errorFields(error), 'stopping failed')
    process.exit(1)
  }
  process.exit(0)
}

function failToStart(error: unknown): never {
  process.stderr.write(`tailgate worker: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

process.on('SIGTERM', (signal) => void shutDown(signal))
process.on('SIGINT', (signal) => void shutDown(signal))
// Started by the bot, this worker holds one end of a channel to it. A bot that was killed closes the other end.
process.once('disconnect', () => void shutDown('the bot is gone'))
if (process.connected === false) await shutDown('the bot is gone')

function tellWaiting(job: BenchmarkJob, { reportProgress }: ProcessContext, holder: Holder | null): void {
  log.info({ jobId: job.jobId, holder }, 'waiting: something else measures on this machine')
  const roundsMax = Math.max(...job.measuring.looks)
  const message = `waiting for ${nameHolder(holder)} on this machine to end`
  reportProgress({ phase: 'preparing', roundsDone: 0, roundsMax, elapsedMs: 0, message })
}

const workRoot = await prepareWorkRoot(environment.workDir).catch(failToStart)
const left = [
  ...(await removeLeftScratchFolders(workRoot, 'job')),
  ...(await removeLeftScratchFolders(tmpdir(), 'tailgate-git-home'))
]
if (left.length > 0) log.warn({ folders: left.length }, 'removed folders that a killed worker left')
const bubblewrap = await probeBubblewrap()
if (bubblewrap.kind === 'unusable') log.warn({ reason: bubblewrap.reason }, 'side processes run without a sandbox')

const runner = createJobRunner({
  workerId: environment.workerId,
  workRoot,
  bubblewrap: bubblewrap.kind === 'usable' ? bubblewrap.path : null,
  fetchCommit: source.fetchCommit,
  engines: environment.engines,
  nvidiaSmi: environment.nvidiaSmi,
  libraryPath: environment.libraryPath,
  readCalibrations: async () => {
    const { calibrations, damaged } = await readCalibrations(environment.dataDir)
    if (damaged.length > 0) log.warn({ damaged }, 'calibrations that cannot be read are left out')
    return calibrations.map(({ calibration }) => calibration)
  }
})
const { queue } = environment
server = await serveQueue({
  connection: queue.kind === 'redis' ? queue : { kind: 'postgres', config: { connectionString: queue.url } },
  workerId: environment.workerId,
  process: async (job, context) => {
    log.info({ jobId: job.jobId, cases: job.cases.length }, 'job taken')
    const release = await waitForLock({
      dataDirectory: environment.dataDir,
      work: 'job',
      signal: context.signal,
      waiting: (holder) => tellWaiting(job, context, holder)
    })
    const finished = await runner(job, context).finally(release)
    log.info({ jobId: job.jobId, failure: finished.failure?.code ?? null }, 'job finished')
    return finished
  },
  log
}).catch(failToStart)
log.info({ workerId: environment.workerId, queue: queue.kind }, 'waiting for jobs')
