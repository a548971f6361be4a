import { startEmbeddedPostgres } from '#src/history/embedded-postgres.ts'

/** A bot in miniature, for killing: owns the embedded Postgres of `argv[2]`, says so, and stays. */
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
try {
  await startEmbeddedPostgres({ dataDirectory: process.argv[2] ?? '', log })
  process.stdout.write('ready\n')
  setInterval(() => undefined, 60_000)
} catch (error) {
  process.stdout.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`)
}
