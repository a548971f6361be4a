import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Cores, readAllowedCores, TASKSET } from './choose-cores.ts'

const run = promisify(execFile)

/** Moves the supervisor back to where it was. Never throws. */
export type LeaveCores = () => Promise<void>

const RETURN_ATTEMPTS = 3
const RETURN_PAUSE_MS = 100

/**
 * @returns a function that moves the main thread of this process to the cores of both sides, until it is told to leave. While a
 * side measures the supervisor sleeps, so it takes nothing away; to wake it on another core, which sleeps as well, costs more
 * than the rest of a hand-over (docs/statistics.md "The supervisor on the same cores"). Where it cannot be moved it stays: that
 * is slower, and no error.
 *
 * It must come back, since what the sides of the next round may use is read from this process. Where that fails (no process
 * can be started for it just then), it is tried again, at the latest before the next round's.
 *
 * @param taskset instead of the system's, in tests
 */
export function createCoreJoiner(taskset: string = TASKSET): (cores: Cores) => Promise<LeaveCores> {
  /** Where the main thread belongs; null while it is there. */
  let home: Cores = null

  async function moveMainThread(cores: readonly number[]): Promise<boolean> {
    return run(taskset, ['--pid', '--cpu-list', cores.join(','), String(process.pid)]).then(
      () => true,
      () => false
    )
  }

  async function goHome(): Promise<void> {
    for (let attempt = 1; home !== null; attempt += 1) {
      if (await moveMainThread(home)) home = null
      else if (attempt >= RETURN_ATTEMPTS) return
      else await sleep(RETURN_PAUSE_MS)
    }
  }

  return async (cores) => {
    await goHome()
    const here = home ?? (await readAllowedCores())
    if (cores !== null && here !== null && (await moveMainThread(cores))) home = here
    return goHome
  }
}
