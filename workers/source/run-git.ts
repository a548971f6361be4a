import { spawn } from 'node:child_process'
import { SourceError } from './source-error.ts'

const STDERR_TAIL_CHARACTERS = 16_384

export type GitCommand = {
  readonly gitPath: string
  readonly args: readonly string[]
  /** The complete environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** When it aborts, the whole process group is killed and the signal's reason is thrown. */
  readonly signal: AbortSignal
  readonly onStdout: (chunk: Buffer) => void
}

export type GitOutcome = { readonly exitCode: number | null; readonly stderr: string }

/**
 * Runs one git command to its end. A non-zero exit is an outcome, not an error.
 *
 * @throws SourceError `git_missing` when the program cannot be started; the signal's reason when it was stopped.
 */
export async function runGit(command: GitCommand): Promise<GitOutcome> {
  command.signal.throwIfAborted()
  // Detached: git starts helpers (git-remote-https, index-pack), and the group is what can be killed as a whole.
  const child = spawn(command.gitPath, command.args, {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const killGroup = () => killProcessGroup(child.pid)
  command.signal.addEventListener('abort', killGroup, { once: true })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL_CHARACTERS)
  })
  child.stdout.on('data', command.onStdout)
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (cause) => reject(gitMissing(command.gitPath, cause)))
      child.once('close', resolve)
    })
    command.signal.throwIfAborted()
    return { exitCode, stderr }
  } finally {
    command.signal.removeEventListener('abort', killGroup)
  }
}

function gitMissing(gitPath: string, cause: Error): SourceError {
  const message = `The program "${gitPath}" could not be started. Install git 2.32 or newer on the worker.`
  return new SourceError('git_missing', message, { cause })
}

function killProcessGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: the group ended by itself in the meantime.
  }
}
