import type { Job } from 'bullmq'
import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import { errorFields, type QueueLog } from './queue-log.ts'
import { storableMessage } from './storable-message.ts'

const INTERVAL_MS = 1000
const MESSAGE_LIMIT_CHARACTERS = 500

export interface ProgressReporter {
  report(this: void, progress: BenchmarkProgress): void
  /** Drops what was not sent yet and waits for a write under way. */
  end(): Promise<void>
}

/** Sends the first progress at once, then the latest of each second. A failed write is logged and no more. */
export function coalesceProgress(job: Pick<Job, 'id' | 'updateProgress'>, log: QueueLog): ProgressReporter {
  let latest: BenchmarkProgress | null = null
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()
  let ended = false
  const send = (): void => {
    timer = null
    if (latest === null || ended) return
    const progress = { ...latest, message: storableMessage(latest.message).slice(0, MESSAGE_LIMIT_CHARACTERS) }
    latest = null
    timer = setTimeout(send, INTERVAL_MS)
    writing = writing
      .then(() => job.updateProgress(progress))
      .catch((error: unknown) => {
        log.warn({ jobId: job.id, ...errorFields(error) }, 'progress not sent')
      })
  }
  return {
    report: (progress) => {
      latest = progress
      if (timer === null) send()
    },
    end: () => {
      ended = true
      if (timer !== null) clearTimeout(timer)
      return writing
    }
  }
}
