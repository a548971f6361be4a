import { doLoadTask, type LoadTask } from './load-task.ts'
import type { Send } from './serve-arrivals.ts'

/** The instances of one case: sessions that work at the same time. Between two tasks they sleep. */
export interface Instances {
  readonly count: number
  /** Does one task, all instances together. Failed requests are in the task's memory; rejects when an instance is gone. */
  work(task: LoadTask): Promise<void>
  close(): Promise<void>
}

/** One instance in this thread. */
export function createSingleInstance(send: Send): Instances {
  return {
    count: 1,
    work: (task) => doLoadTask(task, 0, send),
    close: async () => {}
  }
}
