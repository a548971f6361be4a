import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ThreadAnswer, ThreadOrder, ThreadSettings } from './instance-thread.ts'
import type { Instances } from './instances.ts'
import type { LoadTask } from './load-task.ts'

/** An instance could not be started, or ended. */
export class InstanceThreadError extends Error {
  readonly code = 'instance_failed'
}

/** How each thread makes its own instance: sessions cannot be handed from thread to thread. */
export interface InstanceSource {
  /** URL of a module that exports `createInstance(data): Promise<{ send }>` (see {@link ThreadInstance}). */
  readonly moduleUrl: string
  /** Handed to `createInstance`: what `structuredClone` takes. */
  readonly data: unknown
}

/**
 * Starts `count` threads with an instance each, one after the other, so that creating one session does not slow the next.
 *
 * @throws {InstanceThreadError} when an instance cannot be made; none is left running then
 */
export async function startInstanceThreads(count: number, source: InstanceSource): Promise<Instances> {
  const threads: InstanceThread[] = []
  const close = async () => {
    await Promise.all(threads.map((thread) => thread.close()))
  }
  try {
    for (let instance = 0; instance < count; instance += 1) {
      const thread = new InstanceThread(instance, source)
      threads.push(thread)
      await thread.started()
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    count,
    close,
    work: async (task) => {
      await Promise.all(threads.map((thread) => thread.work(task)))
    }
  }
}

const THREAD_PROGRAM = new URL('./instance-thread.ts', import.meta.url)
/** Bell of a thread: it sleeps until the number changes. */
const ORDERS = 0

class InstanceThread {
  readonly #worker: Worker
  readonly #bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #instance: number
  #hasEnded = false

  constructor(instance: number, { moduleUrl, data }: InstanceSource) {
    const settings: ThreadSettings = { instance, moduleUrl, data, bell: this.#bell }
    this.#instance = instance
    this.#worker = new Worker(THREAD_PROGRAM, { workerData: settings, execArgv: [] })
    // Whoever waits for an answer hears of it as well; between two tasks nobody does, and the next task will fail.
    this.#worker.on('error', () => {})
    this.#worker.once('exit', () => {
      this.#hasEnded = true
    })
  }

  started(): Promise<void> {
    return this.#answer()
  }

  work(task: LoadTask): Promise<void> {
    if (this.#hasEnded) return Promise.reject(new InstanceThreadError(`Instance ${this.#instance} has ended.`))
    const answer = this.#answer()
    const order: ThreadOrder = task
    this.#worker.postMessage(order)
    Atomics.add(this.#bell, ORDERS, 1)
    Atomics.notify(this.#bell, ORDERS)
    return answer
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  async #answer(): Promise<void> {
    const settled = new AbortController()
    const { signal } = settled
    const gone = once(this.#worker, 'exit', { signal }).then(() => {
      throw new InstanceThreadError(`Instance ${this.#instance} ended by itself.`)
    })
    try {
      // `once` rejects with the error that ended the thread.
      const [answer]: ThreadAnswer[] = await Promise.race([once(this.#worker, 'message', { signal }), gone])
      if (answer?.kind !== 'done') throw new Error(answer?.message ?? 'it sent nothing')
    } catch (error) {
      if (error instanceof InstanceThreadError) throw error
      const message = error instanceof Error ? error.message : String(error)
      throw new InstanceThreadError(`Instance ${this.#instance} failed: ${message}`, { cause: error })
    } finally {
      settled.abort()
    }
  }
}
