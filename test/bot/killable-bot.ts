import { readBotEnvironment } from '#src/env.ts'
import { startTestBot } from './bot-harness.ts'

/** The bot as its own process, ready to be killed at an exact point: before the n-th request to GitHub (KILL_AT). */
const killAt = Number(process.env.KILL_AT || 'NaN')
let requests = 0
const realFetch = globalThis.fetch
globalThis.fetch = (input, init) => {
  requests += 1
  if (requests === killAt) process.kill(process.pid, 'SIGKILL')
  return realFetch(input, init)
}

const result = readBotEnvironment()
if (!result.ok) throw new Error(result.problems.join('\n'))
await startTestBot(result.environment)
process.stdout.write('ready\n')
