import { spawn } from 'node:child_process'

const STDERR_TAIL_CHARACTERS = 16_384

export interface ProgramCommand {
  /** A path, or a name that is looked up in the folders of the environment's PATH. */
  readonly program: string
  readonly args: readonly string[]
  /** The complete environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** When it aborts, the whole process group is killed and the signal's reason is thrown. */
  readonly signal: AbortSignal
  /** What the program reads; nothing by default. */
  readonly input?: string
  readonly onStdout: (chunk: Buffer) => void
}

export type ProgramOutcome =
  /** `exitCode` is null when a signal ended it. `stderr` is its last part. */
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly stderr: string }
  /** There is no such program, or it may not be run. */
  | { readonly kind: 'not_started'; readonly cause: Error }

/**
 * Runs one program to its end. A non-zero exit is an outcome, not an error.
 *
 * @throws the signal's reason when it was stopped
 */
export async function runProgram(command: ProgramCommand): Promise<ProgramOutcome> {
  command.signal.throwIfAborted()
  // Detached: programs start helpers (git-remote-https, index-pack), and the group is what can be killed as a whole.
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe']
  })
  const killGroup = () => killProcessGroup(child.pid)
  command.signal.addEventListener('abort', killGroup, { once: true })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL_CHARACTERS)
  })
  child.stdout.on('data', command.onStdout)
  // A program that ends without reading says why with its exit code.
  child.stdin.on('error', () => undefined).end(command.input ?? '')
  try {
    const ended = await new Promise<number | null | Error>((resolve) => {
      child.once('error', resolve)
      child.once('close', resolve)
    })
    command.signal.throwIfAborted()
    return ended instanceof Error ? { kind: 'not_started', cause: ended } : { kind: 'ended', exitCode: ended, stderr }
  } finally {
    command.signal.removeEventListener('abort', killGroup)
  }
}

function killProcessGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: the group ended by itself in the meantime.
  }
}
