import pino from 'pino'
import { readBotEnvironment } from './env.ts'
import { startBot } from './start-bot.ts'

const result = readBotEnvironment()
if (!result.ok) {
  for (const problem of result.problems) process.stderr.write(`tailgate: ${problem}\n`)
  process.exit(2)
}
if (process.argv.includes('--check')) {
  process.stdout.write('tailgate: the settings are complete.\n')
  process.exit(0)
}

const log = pino({ name: 'tailgate', level: result.environment.logLevel })
const bot = await startBot({
  environment: result.environment,
  log,
  lost: () => {
    log.fatal('the database connection that marks this bot as the acting one broke; ending so that it can start afresh')
    process.exit(1)
  }
}).catch((error: unknown) => {
  log.fatal({ err: error }, 'the bot could not start')
  process.stderr.write(`tailgate: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
log.info({ url: bot.url }, 'ready for webhooks')

let stopping = false
async function shutDown(signal: NodeJS.Signals): Promise<void> {
  if (stopping) return
  stopping = true
  log.info({ signal }, 'stopping')
  await bot.stop()
  process.exit(0)
}
process.on('SIGTERM', (signal) => void shutDown(signal))
process.on('SIGINT', (signal) => void shutDown(signal))
