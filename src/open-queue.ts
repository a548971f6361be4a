import { type BenchmarkQueue, openBenchmarkQueue } from './queue/benchmark-queue.ts'
import { prepareQueue, type QueueConnection } from './queue/connection.ts'
import { QueueError } from './queue/queue-error.ts'
import type { JobQueue, Log } from './run/ports.ts'

const RETRY_MS = 2_000

export interface OpenedQueue {
  readonly queue: JobQueue
  close(): Promise<void>
}

/**
 * Opens the queue now or, while its server cannot be reached, as soon as it can: webhooks are taken meanwhile. Until then
 * every use of the queue throws, which the reconciler answers by trying again later.
 *
 * @param changed called with the id of a job that changed.
 * @throws QueueError for what does not go away by itself: a wrong address, a server that is too old.
 */
export async function openQueue(options: {
  readonly connection: QueueConnection
  readonly changed: (jobId: string) => void
  readonly log: Log
}): Promise<OpenedQueue> {
  const { log } = options
  let queue: BenchmarkQueue | null = null
  let retry: NodeJS.Timeout | undefined
  let closed = false

  async function open(): Promise<void> {
    try {
      await prepareQueue(options.connection, log)
      const opened = await openBenchmarkQueue({ connection: options.connection, log })
      if (closed) return await opened.close()
      opened.onChange(({ jobId }) => options.changed(jobId))
      queue = opened
    } catch (error) {
      if (!(error instanceof QueueError && error.code === 'unreachable')) throw error
      log.warn({ err: error }, 'the queue cannot be reached; webhooks are taken and wait')
      retry = setTimeout(() => void open().catch(reportLate), RETRY_MS)
    }
  }

  function reportLate(error: unknown): void {
    log.error({ err: error }, 'the queue can be reached but not used')
  }

  function current(): BenchmarkQueue {
    if (queue === null)
      throw new QueueError('The queue has not been reached since the bot started.', { code: 'unreachable' })
    return queue
  }

  await open()
  return {
    queue: {
      add: async (job, priority) => current().add(job, priority),
      state: async (jobId) => current().state(jobId),
      requestCancel: async (jobId, reason) => current().requestCancel(jobId, reason),
      workersOnline: async () => current().workersOnline()
    },
    close: async () => {
      closed = true
      clearTimeout(retry)
      await queue?.close()
    }
  }
}
