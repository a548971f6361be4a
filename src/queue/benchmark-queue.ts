import { Queue, QueueEvents } from 'bullmq'
import { BENCHMARK_QUEUE, type BenchmarkJob } from '#contracts/benchmark-job.ts'
import { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import type { JobState } from '#contracts/job-state.ts'
import { openBackend, type QueueBackend, type QueueConnection } from './connection.ts'
import { endsWithin } from './ends-within.ts'
import { formatJobData, withCancel } from './job-data.ts'
import { QueueError } from './queue-error.ts'
import { errorFields, type QueueLog } from './queue-log.ts'
import { storableMessage } from './storable-message.ts'

export interface JobChange {
  readonly jobId: string
  readonly kind: 'active' | 'completed' | 'failed' | 'progress'
  readonly progress: BenchmarkProgress | null
}

/** The bot's side of the queue. Every method throws when the store cannot be reached. */
export interface BenchmarkQueue {
  /** Adding the same job id again changes nothing. Priority 1 is taken first; up to 2 097 151. */
  add(job: BenchmarkJob, options: { readonly priority: number }): Promise<void>
  state(jobId: string): Promise<JobState>
  /** Takes a waiting job out; flags an active one, whose worker sees that within a second or so. */
  requestCancel(jobId: string, reason: string): Promise<void>
  /** Forgets a job that is not active, with its result. */
  remove(jobId: string): Promise<void>
  /**
   * Says that something changed, until the returned function is called. Only a hint: changes can be missed while a
   * connection is down, so `state` must also be asked from time to time.
   */
  onChange(listener: (change: JobChange) => void): () => void
  workersOnline(): Promise<number>
  /** Ends in seconds, also while the store is away. Calling it again does nothing. */
  close(): Promise<void>
}

const KEEP_FINISHED_SECONDS = 7 * 24 * 60 * 60
/** BullMQ's limit. 0 would run before every prioritised job, so it is not allowed here. */
const PRIORITY_MAX = 2_097_151
/** Events hold a copy of the result (megabytes) until they are trimmed; BullMQ's default keeps 10 000 of them. */
const EVENTS_KEPT = 100
const CLOSE_LIMIT_MS = 2_000
const JOB_NAME = 'benchmark'
/** BullMQ's words for a job that stalled more often than `maxStalledCount`. */
const STALLED_TOO_OFTEN = 'job stalled more than allowable limit'
const WORKER_LOST =
  'The worker stopped answering while it measured this job, twice. Its log may say why; out of memory is the usual reason.'

type BullQueue = ReturnType<typeof createQueue>
type BullEvents = ReturnType<typeof createEvents>

interface OpenQueue {
  readonly queue: BullQueue
  readonly events: BullEvents
  readonly backends: readonly QueueBackend[]
}

/**
 * Opens the bot's side of the queue. Run `prepareQueue` first.
 * @throws QueueError `unreachable`
 */
export async function openBenchmarkQueue(options: {
  readonly connection: QueueConnection
  readonly log: QueueLog
}): Promise<BenchmarkQueue> {
  const open = await openQueue(options.connection, options.log)
  const { queue } = open
  let closed: Promise<void> | null = null
  return {
    add: (job, { priority }) => addJob(queue, job, priority),
    state: (jobId) => readState(queue, jobId),
    requestCancel: (jobId, reason) => cancelJob(queue, jobId, reason),
    remove: async (jobId) => {
      await queue.remove(jobId)
    },
    onChange: (listener) => listenForChanges(open.events, listener, options.log),
    workersOnline: () => queue.getWorkersCount(),
    close: () => {
      closed ??= closeQueue(open, options.log)
      return closed
    }
  }
}

async function openQueue(connection: QueueConnection, log: QueueLog): Promise<OpenQueue> {
  const producer = await openBackend(connection, 'producer', log)
  const consumer = await openBackend(connection, 'consumer', log)
  const queue = createQueue(producer)
  const events = createEvents(consumer)
  queue.on('error', (error) => log.warn(errorFields(error), 'queue connection failed'))
  events.on('error', (error) => log.warn(errorFields(error), 'queue event connection failed'))
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()])
  return { queue, events, backends: [producer, consumer] }
}

function createQueue({ options, factory }: QueueBackend) {
  return new Queue(BENCHMARK_QUEUE, { ...options, streams: { events: { maxLen: EVENTS_KEPT } } }, factory)
}

function createEvents({ options, factory }: QueueBackend) {
  return new QueueEvents(BENCHMARK_QUEUE, options, factory)
}

/** While Redis is away its clients wait for it to close them; so the wait is bounded. */
async function closeQueue({ queue, events, backends }: OpenQueue, log: QueueLog): Promise<void> {
  const closed = await endsWithin(Promise.allSettled([events.close(), queue.close()]), CLOSE_LIMIT_MS)
  for (const backend of backends) await backend.close()
  if (!closed) log.warn({}, 'queue connections not closed, the store does not answer')
}

async function addJob(queue: BullQueue, job: BenchmarkJob, priority: number): Promise<void> {
  if (!Number.isInteger(priority) || priority < 1 || priority > PRIORITY_MAX) {
    throw new QueueError(`Priority ${priority} of job ${job.jobId} is not a whole number from 1 to ${PRIORITY_MAX}.`, {
      code: 'bad_priority'
    })
  }
  await queue.add(JOB_NAME, formatJobData(job, null), {
    jobId: job.jobId,
    priority,
    // What fails here fails again: the worker tells broken models and missing files apart itself. A lost worker is not
    // an attempt but a stall.
    attempts: 1,
    stackTraceLimit: 0,
    removeOnComplete: { age: KEEP_FINISHED_SECONDS },
    removeOnFail: { age: KEEP_FINISHED_SECONDS }
  })
}

async function readState(queue: BullQueue, jobId: string): Promise<JobState> {
  // State before content: a job that finishes in between is then reported as active, and asked about again.
  const state = await queue.getJobState(jobId)
  switch (state) {
    case 'completed':
      return readResult(queue, jobId)
    case 'failed':
      return readFailure(queue, jobId)
    case 'active': {
      const job = await queue.getJob(jobId)
      return job === undefined ? { kind: 'unknown' } : { kind: 'active', progress: parseProgress(job.progress) }
    }
    case 'unknown':
      return { kind: 'unknown' }
    default:
      return { kind: 'waiting' }
  }
}

async function readResult(queue: BullQueue, jobId: string): Promise<JobState> {
  const job = await queue.getJob(jobId)
  if (job === undefined) return { kind: 'unknown' }
  const encoded: unknown = job.returnvalue
  return { kind: 'completed', encoded }
}

async function readFailure(queue: BullQueue, jobId: string): Promise<JobState> {
  const job = await queue.getJob(jobId)
  if (job === undefined) return { kind: 'unknown' }
  const reason = job.failedReason ?? 'The worker gave no reason.'
  return { kind: 'failed', reason: reason === STALLED_TOO_OFTEN ? WORKER_LOST : storableMessage(reason) }
}

async function cancelJob(queue: BullQueue, jobId: string, reason: string): Promise<void> {
  const job = await queue.getJob(jobId)
  if (job === undefined) return
  const flagged = withCancel(job.data, storableMessage(reason))
  // The flag goes first: a worker that takes the job at this very moment then still sees it.
  if (flagged !== null) await job.updateData(flagged)
  const state = await queue.getJobState(jobId)
  if (state === 'waiting' || state === 'prioritized') await queue.remove(jobId)
}

function listenForChanges(events: BullEvents, listener: (change: JobChange) => void, log: QueueLog): () => void {
  const tell = (change: JobChange): void => {
    try {
      listener(change)
    } catch (error) {
      log.error({ jobId: change.jobId, ...errorFields(error) }, 'queue change listener failed')
    }
  }
  const onActive = ({ jobId }: { jobId: string }): void => tell({ jobId, kind: 'active', progress: null })
  const onCompleted = ({ jobId }: { jobId: string }): void => tell({ jobId, kind: 'completed', progress: null })
  const onFailed = ({ jobId }: { jobId: string }): void => tell({ jobId, kind: 'failed', progress: null })
  const onProgress = ({ jobId, data }: { jobId: string; data: unknown }): void =>
    tell({ jobId, kind: 'progress', progress: parseProgress(data) })
  events.on('active', onActive).on('completed', onCompleted).on('failed', onFailed).on('progress', onProgress)
  return () => {
    events.off('active', onActive).off('completed', onCompleted).off('failed', onFailed).off('progress', onProgress)
  }
}

/** Null before a worker said anything, and for what is not progress. */
function parseProgress(progress: unknown): BenchmarkProgress | null {
  return BenchmarkProgress.safeParse(progress).data ?? null
}
