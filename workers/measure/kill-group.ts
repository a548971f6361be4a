import type { ChildProcess } from 'node:child_process'

/** The group, so that nothing which the process started outlives it; the process may have ended already. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}
