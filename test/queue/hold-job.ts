import { serveQueue } from '#queue/serve-queue.ts'

/** A worker in a process of its own, for killing: takes a job, prints its id, and never ends it. */
await serveQueue({
  connection: JSON.parse(process.argv[2] ?? ''),
  workerId: `doomed-${process.pid}`,
  process: (job) => {
    process.stdout.write(`${job.jobId}\n`)
    return new Promise(() => undefined)
  },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  timing: { lockMs: 2000, stalledCheckMs: 500, pollMs: 100, stopMs: 500 }
})
