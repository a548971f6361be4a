import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq'
import { BENCHMARK_QUEUE, type BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { BenchmarkProgress, BenchmarkResult } from '#contracts/benchmark-result.ts'
import { coalesceProgress } from './coalesce-progress.ts'
import { checkQueue, openBackend, type QueueBackend, type QueueConnection } from './connection.ts'
import { endsWithin } from './ends-within.ts'
import { parseJobData, parseJson } from './job-data.ts'
import { JobStopped } from './job-stopped.ts'
import { errorFields, type QueueLog } from './queue-log.ts'
import { encodeResult } from './result-codec.ts'
import { storableMessage } from './storable-message.ts'
import { watchJob } from './watch-job.ts'

export interface ProcessContext {
  /** Aborted when the job must stop; its reason is a {@link JobStopped}. */
  readonly signal: AbortSignal
  /** May be called as often as one likes: the last of each second is sent. */
  reportProgress(progress: BenchmarkProgress): void
}

export type ProcessJob = (job: BenchmarkJob, context: ProcessContext) => Promise<BenchmarkResult>

export interface ServeTiming {
  /** A worker that did not renew its lock for so long is taken for dead. */
  readonly lockMs: number
  /** How often to look for jobs of dead workers; a job is handed on at the second look after its lock ran out. */
  readonly stalledCheckMs: number
  /** How often to ask whether the job was cancelled. */
  readonly pollMs: number
  /** How long a job may take to end once it was told to stop at shutdown. */
  readonly stopMs: number
}

export const SERVE_TIMING: ServeTiming = { lockMs: 30_000, stalledCheckMs: 15_000, pollMs: 1_000, stopMs: 10_000 }

/** How long the store may take to answer, and then to close, at shutdown. */
const CLOSE_LIMIT_MS = 2_000

/** How long {@link QueueServer.close} takes at most, without a grace: the job stops, is handed back, the store closes. */
export const SERVER_CLOSE_LIMIT_MS = 2 * SERVE_TIMING.stopMs + 2 * CLOSE_LIMIT_MS

export interface ServeOptions {
  readonly connection: QueueConnection
  readonly workerId: string
  readonly process: ProcessJob
  readonly log: QueueLog
  readonly timing?: ServeTiming
}

export interface QueueServer {
  /**
   * Takes no new jobs, gives the current one `graceMs` to end, then aborts it and hands it back to the queue, where
   * another worker starts it afresh. Ends in bounded time, also while the store is away; calling it again does nothing.
   */
  close(options: { readonly graceMs: number }): Promise<void>
}

/** The job being worked on. `ended` resolves, and never rejects, when `process` is through with it. */
interface ActiveJob {
  readonly job: Job
  readonly token: string
  readonly controller: AbortController
  readonly ended: Promise<void>
}

type BullWorker = ReturnType<typeof createWorker>

interface Serving {
  readonly options: ServeOptions
  readonly readData: (jobId: string) => Promise<unknown>
  readonly timing: ServeTiming
  active: ActiveJob | null
  closing: boolean
}

/**
 * Takes jobs from the queue, one at a time, until closed. A job ends `completed` with what `process` returned, or
 * `failed` with the message of what it threw, tokens removed. When this process dies the job is handed on once; when
 * that happens to the same job again it fails.
 * @throws QueueError `not_prepared`, `unreachable`, `too_old`
 */
export async function serveQueue(options: ServeOptions): Promise<QueueServer> {
  const { connection, log } = options
  const timing = options.timing ?? SERVE_TIMING
  await checkQueue(connection, log)
  const backend = await openBackend(connection, 'consumer', log)
  const readData = async (jobId: string): Promise<unknown> => {
    const stored = await worker.getBackend().getJobData(jobId)
    return stored === undefined ? undefined : (parseJson(stored.data) ?? null)
  }
  const serving: Serving = { options, timing, readData, active: null, closing: false }
  const worker = createWorker(serving, backend)
  worker.on('error', (error) => log.warn(errorFields(error), 'queue worker failed'))
  worker.on('stalled', (jobId) => log.warn({ jobId }, 'job of a dead worker handed on'))
  worker.on('lockRenewalFailed', (jobIds) => {
    const active = serving.active
    if (active?.job.id !== undefined && jobIds.includes(active.job.id))
      active.controller.abort(new JobStopped('lock_lost', ''))
  })
  await worker.waitUntilReady()
  let closed: Promise<void> | null = null
  return {
    close: ({ graceMs }) => {
      closed ??= closeServer(serving, worker, graceMs)
      return closed
    }
  }
}

function createWorker(serving: Serving, { options, factory }: QueueBackend) {
  const { timing } = serving
  const workerOptions = {
    ...options,
    // Redis refuses spaces in a connection's name.
    name: serving.options.workerId.replaceAll(/[^\w.-]/g, '_').slice(0, 100),
    concurrency: 1,
    lockDuration: timing.lockMs,
    stalledInterval: timing.stalledCheckMs,
    maxStalledCount: 1,
    runRetryDelay: 2_000
  }
  return new Worker(BENCHMARK_QUEUE, (job, token) => takeJob(serving, job, token), workerOptions, factory)
}

/** BullMQ's processor: its return value completes the job, an `UnrecoverableError` fails it for good. */
async function takeJob(serving: Serving, job: Job, token = ''): Promise<string> {
  // BullMQ may still fetch one job while it closes.
  if (serving.closing) return handBack(job, token)
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  serving.active = { job, token, controller: new AbortController(), ended }
  try {
    return await runJob(serving, serving.active)
  } finally {
    serving.active = null
    end()
  }
}

async function runJob(serving: Serving, active: ActiveJob): Promise<string> {
  const { job, controller } = active
  const { log, process } = serving.options
  const data = parseJobData(job.data)
  if (data.kind === 'invalid') throw new UnrecoverableError(storableMessage(`The job cannot be read: ${data.message}.`))
  if (data.cancelReason !== null) throw new UnrecoverableError(storableMessage(`Cancelled: ${data.cancelReason}`))
  const stopWatching = watchJob({
    jobId: data.job.jobId,
    readData: serving.readData,
    controller,
    pollMs: serving.timing.pollMs,
    log
  })
  const progress = coalesceProgress(job, log)
  const context = { signal: controller.signal, reportProgress: progress.report }
  try {
    const result = await process(data.job, context)
    const handBackInstead = stopCode(controller.signal) === 'shutdown' && result.failure?.code === 'cancelled'
    return handBackInstead ? await handBack(job, active.token) : await encodeResult(result)
  } catch (error) {
    throw await failJob(active, error)
  } finally {
    stopWatching()
    // Otherwise a late write could follow the job's end.
    await progress.end()
  }
}

/** What to throw at BullMQ for what `process` threw. */
async function failJob({ job, token, controller }: ActiveJob, error: unknown): Promise<Error> {
  if (error instanceof WaitingError) return error
  const stopped: unknown = controller.signal.reason
  if (stopped instanceof JobStopped && stopped.code === 'shutdown') {
    return handBack(job, token).catch((waiting: unknown) =>
      waiting instanceof Error ? waiting : new Error(String(waiting))
    )
  }
  if (stopped instanceof JobStopped && stopped.code === 'cancelled') {
    return new UnrecoverableError(storableMessage(`Cancelled: ${stopped.message}`))
  }
  return new UnrecoverableError(storableMessage(errorFields(error).reason))
}

/** Puts the job back to the front of the waiting ones. Always throws: that tells BullMQ not to finish the job. */
async function handBack(job: Job, token: string): Promise<never> {
  await job.moveToWait(token)
  throw new WaitingError()
}

function stopCode(signal: AbortSignal): JobStopped['code'] | null {
  const reason: unknown = signal.reason
  return reason instanceof JobStopped ? reason.code : null
}

async function closeServer(serving: Serving, worker: BullWorker, graceMs: number): Promise<void> {
  serving.closing = true
  await worker.pause(true)
  const ended = await stopActiveJob(serving, graceMs)
  // Not forced, `close` would wait for a job that does not end, and for a store that is away.
  const forced = !ended || !(await answers(worker))
  const closed = await endsWithin(worker.close(forced), CLOSE_LIMIT_MS)
  if (!closed) serving.options.log.warn({}, 'queue connections not closed, the store does not answer')
}

async function answers(worker: BullWorker): Promise<boolean> {
  const asked = worker.getBackend().getCounts(['active'])
  return endsWithin(asked, CLOSE_LIMIT_MS).catch(() => false)
}

/** False when the job did not end although it was told to. */
async function stopActiveJob(serving: Serving, graceMs: number): Promise<boolean> {
  const active = serving.active
  if (active === null) return true
  if (await endsWithin(active.ended, graceMs)) return true
  active.controller.abort(new JobStopped('shutdown', 'the worker is shutting down'))
  if (await endsWithin(active.ended, serving.timing.stopMs)) return true
  const { log } = serving.options
  log.error({ jobId: active.job.id }, 'job did not stop, handed back while it still runs')
  const handedBack = active.job.moveToWait(active.token).catch((error: unknown) => {
    log.warn({ jobId: active.job.id, ...errorFields(error) }, 'job not handed back')
  })
  await endsWithin(handedBack, serving.timing.stopMs)
  return false
}
