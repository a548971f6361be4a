import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { SERVER_CLOSE_LIMIT_MS } from '#queue/serve-queue.ts'
import type { Log } from '#src/run/ports.ts'

const WORKER_PROGRAM = fileURLToPath(new URL('../workers/main.ts', import.meta.url))

/** A worker that ends by itself is started again after this long; a broken one must not spin. */
const RESTART_DELAY_MS = 2_000

/**
 * After SIGTERM a worker has this long to end by itself. It needs time to stop its side processes and hand its job back,
 * then two seconds to revoke its tokens; the rest is for a busy machine.
 */
const STOP_GRACE_MS = SERVER_CLOSE_LIMIT_MS + 6_000

export interface LocalWorker {
  stop(): Promise<void>
}

/**
 * Keeps one worker running beside the bot, as its own process: inference blocks the event loop, and the worker must not
 * inherit the App's secrets. The channel between them carries nothing: it breaks when the bot is killed, and the worker
 * then ends as well.
 *
 * @param variables the worker's whole environment, apart from PATH.
 */
export function startLocalWorker(variables: Readonly<Record<string, string>>, log: Log, path: string): LocalWorker {
  let stopping = false
  let child = start()
  let restart: NodeJS.Timeout | undefined

  function start(): ChildProcess {
    const started = spawn(process.execPath, [WORKER_PROGRAM], {
      env: { PATH: path, ...variables },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
    started.once('exit', (code, signal) => {
      if (stopping) return
      log.warn({ code, signal }, 'the local worker ended; it is started again')
      restart = setTimeout(() => {
        child = start()
      }, RESTART_DELAY_MS)
    })
    return started
  }

  async function stop(): Promise<void> {
    stopping = true
    clearTimeout(restart)
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
    await exited
    clearTimeout(kill)
  }

  return { stop }
}
