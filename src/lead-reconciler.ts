import type pg from 'pg'
import { waitForLeadership } from './history/leadership.ts'
import type { RunDeps } from './run/ports.ts'
import { type Reconciler, type ReconcilerTimes, startReconciler } from './run/reconcile.ts'

export interface LedReconciler {
  /** Looks at everything now; does nothing while another bot leads. */
  nudge(): void
  /** The job of one run changed. */
  nudgeRun(runId: string): void
  stop(): Promise<void>
}

/** Starts the reconciler as soon as this process is the one that may act on the database's runs. */
export function leadReconciler(options: {
  readonly deps: RunDeps
  readonly connection: pg.ClientConfig
  readonly times?: ReconcilerTimes | undefined
  readonly lost: () => void
}): LedReconciler {
  const { deps } = options
  const abort = new AbortController()
  let reconciler: Reconciler | null = null
  const leading = waitForLeadership(options.connection, {
    signal: abort.signal,
    waiting: () => deps.log.info({}, 'another bot leads; this one takes webhooks and waits'),
    lost: options.lost
  })
    .then((leadership) => {
      reconciler = startReconciler(deps, options.times)
      return leadership
    })
    .catch((error: unknown) => {
      if (!abort.signal.aborted) {
        deps.log.error({ err: error }, 'leadership could not be asked for')
        options.lost()
      }
      return null
    })

  async function stop(): Promise<void> {
    abort.abort()
    const leadership = await leading
    await reconciler?.stop()
    await leadership?.release()
  }

  return { nudge: () => reconciler?.nudge(), nudgeRun: (runId) => reconciler?.nudgeRun(runId), stop }
}
