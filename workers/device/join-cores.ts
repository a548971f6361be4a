import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Cores, TASKSET } from './choose-cores.ts'

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
  let home: string | null = null

  async function moveMainThread(list: string): Promise<boolean> {
    return run(taskset, ['--pid', '--cpu-list', list, String(process.pid)]).then(
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
    const here = home ?? (await readMainThreadCores())
    if (cores !== null && here !== null && (await moveMainThread(cores.join(',')))) home = here
    return goHome
  }
}

/** As the kernel lists them: `0-3,8`. */
async function readMainThreadCores(): Promise<string | null> {
  const status = await readFile(`/proc/${process.pid}/status`, 'utf8').catch(() => '')
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? null
}
