import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

const STOP_TIMEOUT_MS = 30_000
const STDERR_KEPT_LENGTH = 2000

/** A program of the bench in a process of its own, which answers every message with one message. */
export interface ForkedProgram {
  /** Waits for the next message, after sending `question` when there is one. */
  ask(question: object | null): Promise<unknown>
  /** Ends it by closing the channel, and by a kill when that takes too long. */
  stop(): Promise<void>
}

/**
 * Starts a program with `settings` as JSON in its only argument.
 *
 * @param env the program's whole environment
 */
export function forkProgram(file: string, settings: object, env: Readonly<Record<string, string>> = {}): ForkedProgram {
  const child = fork(file, [JSON.stringify(settings)], {
    env: { ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc']
  })
  let stderr = ''
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-STDERR_KEPT_LENGTH)
  })
  return {
    ask: (question) => askChild(child, question, () => `${file} ended unexpectedly: ${stderr.trim()}`),
    stop: () => stopChild(child)
  }
}

async function askChild(child: ChildProcess, question: object | null, explainEnd: () => string): Promise<unknown> {
  const settled = new AbortController()
  const { signal } = settled
  if (hasEnded(child)) throw new Error(explainEnd())
  try {
    const answer = once(child, 'message', { signal })
    const end = once(child, 'close', { signal }).then(() => {
      throw new Error(explainEnd())
    })
    if (question !== null) child.send(question)
    const [message]: unknown[] = await Promise.race([answer, end])
    return message
  } finally {
    settled.abort()
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  if (child.connected) child.disconnect()
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await exited
  clearTimeout(timer)
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
