import { readCancelReason } from './job-data.ts'
import { JobStopped } from './job-stopped.ts'
import { errorFields, type QueueLog } from './queue-log.ts'

/** What {@link watchJob} needs to read a job again. */
export interface WatchedJob {
  readonly jobId: string
  /** The job's data as stored now; undefined when the job is gone. */
  readonly readData: (jobId: string) => Promise<unknown>
  readonly controller: AbortController
  readonly pollMs: number
  readonly log: QueueLog
}

/**
 * Reads the job again and again and aborts when it was cancelled or removed. BullMQ's own `cancelJob` reaches only a
 * worker in the same process (taskforcesh/bullmq#3768). An outage is waited out: measuring goes on.
 * @returns the function that ends the watch
 */
export function watchJob({ jobId, readData, controller, pollMs, log }: WatchedJob): () => void {
  let ended = false
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    const stop = await findStop({ jobId, readData }).catch((error: unknown) => {
      log.warn({ jobId, ...errorFields(error) }, 'job not readable, cancellation unknown')
      return null
    })
    if (ended) return
    if (stop === null) schedule()
    else controller.abort(stop)
  }
  const schedule = (): void => {
    timer = setTimeout(() => void look(), pollMs)
  }
  schedule()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}

async function findStop({ jobId, readData }: Pick<WatchedJob, 'jobId' | 'readData'>): Promise<JobStopped | null> {
  const data = await readData(jobId)
  if (data === undefined) return new JobStopped('job_removed', 'the job was removed from the queue')
  const reason = readCancelReason(data)
  return reason === null ? null : new JobStopped('cancelled', reason)
}
