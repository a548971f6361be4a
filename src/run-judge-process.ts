import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

const STDERR_KEPT_CHARACTERS = 2000

/** Verdicts of a thousand cases come to about 2 MB. */
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024

export type ProcessEnd =
  | { readonly kind: 'answered'; readonly output: string }
  | { readonly kind: 'timed_out' }
  /** V8 aborts when its heap is full. */
  | { readonly kind: 'out_of_memory'; readonly stderr: string }
  /** SIGKILL that is not ours: most often the system's way to free memory, however little the process had. */
  | { readonly kind: 'killed' }
  | { readonly kind: 'crashed'; readonly detail: string; readonly stderr: string }

export interface JudgeProcess {
  readonly pid: number
  readonly end: Promise<ProcessEnd>
  kill(): void
}

export interface JudgeProcessOptions {
  /** A program that reads standard input to its end and answers on standard output. */
  readonly program: string
  readonly input: readonly string[]
  readonly heapMb: number
  readonly timeoutMs: number
}

/**
 * Starts a Node process with a bounded heap and nothing of our environment, which holds secrets.
 *
 * @throws the error of the system when no process can be started
 */
export async function startJudgeProcess(options: JudgeProcessOptions): Promise<JudgeProcess> {
  const child = spawn(process.execPath, [`--max-old-space-size=${options.heapMb}`, options.program], {
    env: {},
    stdio: ['pipe', 'pipe', 'pipe']
  })
  await once(child, 'spawn')
  const end = awaitEnd(child, options.timeoutMs)
  // A process that ends before it has read everything breaks the pipe; how it ended says more.
  child.stdin.on('error', () => undefined)
  for (const part of options.input) child.stdin.write(part, 'latin1')
  child.stdin.end()
  return { pid: child.pid ?? 0, end, kill: () => child.kill('SIGKILL') }
}

async function awaitEnd(child: ChildProcess, timeoutMs: number): Promise<ProcessEnd> {
  const output: Buffer[] = []
  let outputBytes = 0
  let stderr = ''
  let timedOut = false
  child.stdout?.on('data', (chunk: Buffer) => {
    outputBytes += chunk.length
    if (outputBytes > OUTPUT_MAX_BYTES) child.kill('SIGTERM')
    else output.push(chunk)
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-STDERR_KEPT_CHARACTERS)
  })
  const timer = setTimeout(() => {
    timedOut = true
    child.kill('SIGKILL')
  }, timeoutMs)
  await once(child, 'close')
  clearTimeout(timer)
  if (timedOut) return { kind: 'timed_out' }
  const { exitCode, signalCode } = child
  if (exitCode === 0) return { kind: 'answered', output: Buffer.concat(output).toString('utf8') }
  if (signalCode === 'SIGKILL') return { kind: 'killed' }
  if (signalCode === 'SIGABRT') return { kind: 'out_of_memory', stderr }
  return { kind: 'crashed', detail: signalCode ?? `exit code ${exitCode}`, stderr }
}
