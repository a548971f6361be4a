import type { ThreadInstance } from '#workers/load/instance-thread.ts'
import { createInstance as createSessionInstance, type InstanceRequest } from './create-instance.ts'
import { importEngine } from './import-engine.ts'

/** What a thread needs to make an instance of its own. */
export interface ThreadSessionRequest {
  readonly request: InstanceRequest
  /** See `importEngine`. */
  readonly engineDirectory: string | null
}

/** The module that `startInstanceThreads` is given for models: makes a session and its samples in the thread it runs in. */
export async function createInstance({ request, engineDirectory }: ThreadSessionRequest): Promise<ThreadInstance> {
  const outcome = await createSessionInstance(importEngine(engineDirectory), request)
  if (outcome.kind === 'failed') throw new Error(outcome.message)
  return outcome.instance
}
