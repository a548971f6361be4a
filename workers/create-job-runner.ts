import { fileURLToPath } from 'node:url'
import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { Calibration } from '#contracts/calibration.ts'
import { isBuiltInCase } from './calibration/built-in-case.ts'
import { chooseCalibration } from './calibration/choose-calibration.ts'
import { createCoreChooser, pinCommand } from './device/choose-cores.ts'
import { readFingerprint } from './device/fingerprint.ts'
import { createLook } from './measure/create-look.ts'
import type { RoundDeps } from './measure/measure-round.ts'
import { type RunJobDeps, type RunJobOptions, runJob } from './run-job.ts'
import { findSetpriv } from './sandbox/find-setpriv.ts'
import { openCodeCache } from './sandbox/open-code-cache.ts'
import { sideCommand } from './sandbox/side-command.ts'

const SIDE_PROGRAM = fileURLToPath(new URL('./side/main.ts', import.meta.url))

export interface JobRunnerOptions extends Pick<RoundDeps, 'injectDelay'> {
  readonly workerId: string
  /** An existing folder; each job gets one of its own in it. */
  readonly workRoot: string
  /** Absolute path of a bubblewrap that works here, or null to run side processes without it. */
  readonly bubblewrap: string | null
  /** Puts the files of one commit of the job's repository into an empty folder. */
  readonly fetchCommit: (job: BenchmarkJob, sha: string, directory: string, signal: AbortSignal) => Promise<void>
  /** The calibrations on this machine's disk, read for each job so that a new one counts at once. Default: none. */
  readonly readCalibrations?: () => Promise<readonly Calibration[]>
}

export type JobRunner = (job: BenchmarkJob, options: RunJobOptions) => Promise<BenchmarkResult>

/** Connects {@link runJob} to this machine: real processes, real clock, real randomness. */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { workerId, workRoot, bubblewrap, readCalibrations = async () => [] } = options
  const chooseCores = createCoreChooser()
  const findingSetpriv = bubblewrap === null ? findSetpriv() : Promise.resolve(null)
  const program = { nodePath: process.execPath, sideProgram: SIDE_PROGRAM, bubblewrap }
  return async (job, runOptions) => {
    const { codeCache, remove } = await openCodeCache({ ...program, workRoot, signal: runOptions.signal })
    const shared = { ...program, codeCache, setpriv: await findingSetpriv }
    const deps: RunJobDeps = {
      ...(options.injectDelay === undefined ? {} : { injectDelay: options.injectDelay }),
      fetchCommit: (sha, directory, signal) => options.fetchCommit(job, sha, directory, signal),
      sideCommand: ({ checkoutDirectory, cores }) => pinCommand(sideCommand({ ...shared, checkoutDirectory }), cores),
      chooseCores,
      fingerprint: () => readFingerprint({ sandbox: bubblewrap === null ? 'none' : 'bubblewrap' }),
      findCalibration: async (fingerprint, cases) => {
        const stored = await readCalibrations()
        return chooseCalibration({ stored, fingerprint, cases, isBuiltIn: isBuiltInCase })
      },
      look: createLook(job.measuring),
      now: () => new Date(),
      nowMs: () => performance.now(),
      random: Math.random,
      workRoot,
      workerId
    }
    try {
      return await runJob(deps, job, runOptions)
    } finally {
      await remove()
    }
  }
}
