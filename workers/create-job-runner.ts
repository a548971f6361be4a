import { fileURLToPath } from 'node:url'
import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import { createCoreChooser, pinCommand } from './device/choose-cores.ts'
import { readFingerprint } from './device/fingerprint.ts'
import { createLook } from './measure/create-look.ts'
import { type RunJobOptions, runJob } from './run-job.ts'
import { findSetpriv } from './sandbox/find-setpriv.ts'
import { sideCommand } from './sandbox/side-command.ts'

const SIDE_PROGRAM = fileURLToPath(new URL('./side/main.ts', import.meta.url))

export interface JobRunnerOptions {
  readonly workerId: string
  /** An existing folder; each job gets one of its own in it. */
  readonly workRoot: string
  /** Absolute path of a bubblewrap that works here, or null to run side processes without it. */
  readonly bubblewrap: string | null
  /** Puts the files of one commit of the job's repository into an empty folder. */
  readonly fetchCommit: (job: BenchmarkJob, sha: string, directory: string, signal: AbortSignal) => Promise<void>
}

export type JobRunner = (job: BenchmarkJob, options: RunJobOptions) => Promise<BenchmarkResult>

/** Connects {@link runJob} to this machine: real processes, real clock, real randomness. */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { workerId, workRoot, bubblewrap } = options
  const chooseCores = createCoreChooser()
  const findingSetpriv = bubblewrap === null ? findSetpriv() : Promise.resolve(null)
  return async (job, runOptions) => {
    const shared = { nodePath: process.execPath, sideProgram: SIDE_PROGRAM, bubblewrap, setpriv: await findingSetpriv }
    return runJob(
      {
        fetchCommit: (sha, directory, signal) => options.fetchCommit(job, sha, directory, signal),
        sideCommand: ({ checkoutDirectory, cores }) => pinCommand(sideCommand({ ...shared, checkoutDirectory }), cores),
        chooseCores,
        fingerprint: () => readFingerprint({ sandbox: bubblewrap === null ? 'none' : 'bubblewrap' }),
        look: createLook(job.measuring.looks),
        now: () => new Date(),
        nowMs: () => performance.now(),
        random: Math.random,
        workRoot,
        workerId
      },
      job,
      runOptions
    )
  }
}
