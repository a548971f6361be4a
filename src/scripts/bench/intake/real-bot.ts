/** The real bot, whole, but without a local worker: there is nothing to measure. */
import pino from 'pino'
import type { BotEnvironment } from '#src/env.ts'
import { startBot } from '#src/start-bot.ts'
import { WEBHOOK_PATH } from '#src/web/webhook-handler.ts'

const environment: BotEnvironment = JSON.parse(process.argv[2] ?? '')
const bot = await startBot({
  environment,
  log: pino({ name: 'tailgate', level: environment.logLevel }),
  startsWorker: false,
  lost: () => process.exit(1)
})

async function stop(): Promise<void> {
  await bot.stop()
  process.exit(0)
}

process.once('disconnect', () => void stop())
process.send?.({ url: `${bot.url}${WEBHOOK_PATH}` })
