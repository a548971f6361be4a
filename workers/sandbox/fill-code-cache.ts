import { spawn } from 'node:child_process'
import { type SideCommandOptions, sideCommand } from './side-command.ts'

const TIMEOUT_MS = 60_000

export type CodeCacheOptions = Pick<SideCommandOptions, 'nodePath' | 'sideProgram' | 'bubblewrap'> & {
  /** An existing folder for nothing else, without symbolic links in its path. */
  readonly directory: string
  /** Of the job: one that is cancelled does not wait for its cache. */
  readonly signal: AbortSignal
}

/**
 * Keeps the side program as Node compiled it, so that each of the many side processes of a job starts without stripping
 * types and parsing again: that is more than half of its start.
 *
 * The cache is code. It is written here, by a side process that gets a closed channel in place of a supervisor, ends by
 * itself and never sees a model. Those that load models can only read it (in bubblewrap), and it goes with the job.
 *
 * @returns false when it could not be filled, whatever the reason: sides are then started without
 */
export async function fillCodeCache({ signal, ...options }: CodeCacheOptions): Promise<boolean> {
  return signal.aborted ? false : runFilling(options, signal).catch(() => false)
}

async function runFilling({ directory, ...program }: Omit<CodeCacheOptions, 'signal'>, signal: AbortSignal) {
  const command = sideCommand({
    ...program,
    checkoutDirectory: directory,
    codeCache: { directory, access: 'write' }
  })
  return new Promise<boolean>((resolve) => {
    const child = spawn(command.program, [...command.args], {
      env: { ...command.env },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      signal,
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL'
    })
    for (const channel of child.stdio.slice(3)) {
      channel?.on('error', () => {})
      channel?.destroy()
    }
    child.once('error', () => {
      // One that was started and is stopped now may still write until it has ended.
      if (child.pid === undefined) resolve(false)
    })
    child.once('exit', (code) => resolve(code === 0))
  })
}
