import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

const SETPRIV = '/usr/bin/setpriv'
const PROBE_TIMEOUT_MS = 5_000

/** Makes the system kill the program that follows when the process that started it dies. */
const DIE_WITH_PARENT: readonly string[] = ['--pdeathsig', 'KILL', '--']

/** Path of a `setpriv` that can tie a process to its parent (util-linux 2.33 or newer, on Linux), or null. */
export async function findSetpriv(path: string = SETPRIV): Promise<string | null> {
  const probe = execute(path, [...DIE_WITH_PARENT, process.execPath, '--version'], {
    env: {},
    timeout: PROBE_TIMEOUT_MS,
    killSignal: 'SIGKILL'
  })
  return probe.then(
    () => path,
    () => null
  )
}

/** Arguments of `setpriv` that run a program which dies with its parent. It replaces itself by the program. */
export function dieWithParentArguments(program: string, args: readonly string[]): string[] {
  return [...DIE_WITH_PARENT, program, ...args]
}
