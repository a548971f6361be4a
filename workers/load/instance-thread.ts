/**
 * A thread that holds one instance. Between two tasks it sleeps in `Atomics.wait` and not in its event loop, so that nothing
 * of it, not even its garbage collector's tasks, runs while the other side measures.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { doLoadTask, type LoadTask } from './load-task.ts'
import type { Send } from './serve-arrivals.ts'

export interface ThreadSettings {
  readonly instance: number
  readonly moduleUrl: string
  readonly data: unknown
  readonly bell: Int32Array<SharedArrayBuffer>
}

/** What a module given to `startInstanceThreads` makes. */
export interface ThreadInstance {
  readonly send: Send
}

export type ThreadOrder = LoadTask
export type ThreadAnswer = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly message: string }

async function createInstance({ moduleUrl, data }: ThreadSettings): Promise<ThreadInstance> {
  const module: unknown = await import(moduleUrl)
  const create = typeof module === 'object' && module !== null ? Reflect.get(module, 'createInstance') : undefined
  if (typeof create !== 'function') throw new Error(`${moduleUrl} exports no function createInstance.`)
  return create(data)
}

function answer(message: ThreadAnswer): void {
  parentPort?.postMessage(message)
}

/** @returns the next order; sleeps until there is one */
function awaitOrder(bell: Int32Array<SharedArrayBuffer>): ThreadOrder {
  for (;;) {
    const orders = Atomics.load(bell, 0)
    const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort)
    if (received !== undefined) return received.message
    Atomics.wait(bell, 0, orders)
  }
}

async function run(settings: ThreadSettings): Promise<never> {
  const { send } = await createInstance(settings)
  for (;;) {
    answer({ kind: 'done' })
    const order = awaitOrder(settings.bell)
    await doLoadTask(order, settings.instance, send)
  }
}

run(workerData).catch((error: unknown) => {
  answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
})
