import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { TASKSET } from './choose-cores.ts'

/**
 * Moves the thread that calls it, and no other of its process, to the cores given. Waits until that is done.
 *
 * @param taskset instead of the system's, in tests
 * @returns false where it cannot be moved: it stays where it is
 */
export function pinThisThread(cores: readonly number[], taskset: string = TASKSET): boolean {
  try {
    const threadId = basename(readlinkSync('/proc/thread-self'))
    execFileSync(taskset, ['--pid', '--cpu-list', cores.join(','), threadId], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
