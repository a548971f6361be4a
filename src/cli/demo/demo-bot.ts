import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { searchPath } from '#src/env.ts'

const BOT_PROGRAM = fileURLToPath(new URL('../../main.ts', import.meta.url))
const START_TIMEOUT_MS = 60_000
const POLL_MS = 100
const STOP_TIMEOUT_MS = 20_000

export interface DemoBot {
  readonly url: string
  stop(): Promise<void>
}

export interface DemoBotOptions {
  readonly port: number
  readonly appId: number
  readonly privateKey: string
  readonly webhookSecret: string
  /** Where the GitHub stand-in listens, `http://127.0.0.1:4000`. */
  readonly githubUrl: string
  readonly dataDirectory: string
  readonly logFile: string
}

/**
 * Starts the real bot as its own process, with the settings that a real App on an Enterprise Server would have, and
 * waits until it is healthy.
 */
export async function startDemoBot(options: DemoBotOptions): Promise<DemoBot> {
  const url = `http://127.0.0.1:${options.port}`
  const github = new URL(options.githubUrl)
  const child = spawn(process.execPath, [BOT_PROGRAM], {
    env: {
      PATH: searchPath(),
      APP_ID: String(options.appId),
      PRIVATE_KEY: options.privateKey,
      WEBHOOK_SECRET: options.webhookSecret,
      GHE_HOST: github.host,
      GHE_PROTOCOL: 'http',
      PORT: String(options.port),
      DATA_DIR: options.dataDirectory,
      LOG_LEVEL: 'info'
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const log = createWriteStream(options.logFile)
  child.stdout.pipe(log)
  child.stderr.pipe(log)
  await waitUntilHealthy(url, child, options.logFile)
  return { url, stop: () => stopBot(child) }
}

async function waitUntilHealthy(url: string, child: ChildProcess, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break
    const answer = await fetch(`${url}/healthz`).catch(() => null)
    if (answer?.ok) return
    await sleep(POLL_MS)
  }
  child.kill('SIGKILL')
  throw new Error(`The bot did not start; its log says why: ${logFile}`)
}

async function stopBot(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await exited
  clearTimeout(kill)
}
