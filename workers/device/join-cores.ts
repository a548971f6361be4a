import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type Cores, TASKSET } from './choose-cores.ts'

const run = promisify(execFile)

/** Moves the supervisor back to where it was. Never throws. */
export type LeaveCores = () => Promise<void>

/**
 * Moves the main thread of this process to the cores of both sides, until it is told to leave. While a side measures the
 * supervisor sleeps, so it takes nothing away; to wake it on another core, which sleeps as well, costs more than the rest of
 * a hand-over (docs/statistics.md "The supervisor on the same cores"). Where it cannot be moved it stays: that is slower, and
 * no error.
 */
export async function joinCores(cores: Cores): Promise<LeaveCores> {
  const before = await readMainThreadCores()
  if (cores === null || before === null || !(await moveMainThread(cores.join(',')))) return async () => {}
  return async () => {
    await moveMainThread(before)
  }
}

/** As the kernel lists them: `0-3,8`. */
async function readMainThreadCores(): Promise<string | null> {
  const status = await readFile(`/proc/${process.pid}/status`, 'utf8').catch(() => '')
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? null
}

async function moveMainThread(list: string): Promise<boolean> {
  return run(TASKSET, ['--pid', '--cpu-list', list, String(process.pid)]).then(
    () => true,
    () => false
  )
}
