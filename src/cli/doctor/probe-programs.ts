import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { searchPath } from '#src/env.ts'
import { TASKSET } from '#workers/device/choose-cores.ts'

const TIMEOUT_MS = 10_000

/** What a program prints, or null when it is missing or fails. */
export function readOutput(program: string, args: readonly string[]): Promise<string | null> {
  const options = { env: { PATH: searchPath(), LANG: 'C' }, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' } as const
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout) => resolve(error === null ? stdout : null))
  })
}

export async function hasTaskset(): Promise<boolean> {
  return access(TASKSET).then(
    () => true,
    () => false
  )
}
