import { fileURLToPath } from 'node:url'
import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { Calibration } from '#contracts/calibration.ts'
import { isBuiltInCase } from './calibration/built-in-case.ts'
import { chooseCalibration } from './calibration/choose-calibration.ts'
import { createCoreChooser, pinCommand } from './device/choose-cores.ts'
import { readFingerprint } from './device/fingerprint.ts'
import { createEngineReader } from './device/read-engine-identity.ts'
import { createEngineCache, type EngineCacheOptions } from './engines/create-engine-cache.ts'
import { createLook } from './measure/create-look.ts'
import type { RoundDeps } from './measure/measure-round.ts'
import { checkSessionsHere } from './prepare/check-sessions-here.ts'
import type { PrepareDeps } from './prepare/prepare-side.ts'
import { type RunJobDeps, type RunJobOptions, runJob, type SideStart } from './run-job.ts'
import { findSetpriv } from './sandbox/find-setpriv.ts'
import { openCodeCache } from './sandbox/open-code-cache.ts'
import { type SideSandbox, sideCommand } from './sandbox/side-command.ts'
import { createExternalDataLister } from './source/create-external-data-lister.ts'
import type { SourceNeeds } from './source/fetch-source.ts'

const PROGRAMS: Readonly<Record<SideStart['program'], string>> = {
  launch: fileURLToPath(new URL('./side/main.ts', import.meta.url)),
  cold_start: fileURLToPath(new URL('./side/cold-start.ts', import.meta.url))
}

export interface JobRunnerOptions extends Pick<RoundDeps, 'injectDelay'> {
  readonly workerId: string
  /** An existing folder; each job gets one of its own in it. */
  readonly workRoot: string
  /** Absolute path of a bubblewrap that works here, or null to run side processes without it. */
  readonly bubblewrap: string | null
  /** Puts the files of one commit of the job's repository into an empty folder. */
  readonly fetchCommit: (
    job: BenchmarkJob,
    sha: string,
    directory: string,
    signal: AbortSignal,
    needs: SourceNeeds
  ) => Promise<void>
  /** Installed engines are kept below it; see `createEngineCache`. Null: only the worker's own can be used. */
  readonly engines?: Pick<EngineCacheOptions, 'directory' | 'allowed' | 'npm' | 'keep'> | null
  /** The calibrations on this machine's disk, read for each job so that a new one counts at once. Default: none. */
  readonly readCalibrations?: () => Promise<readonly Calibration[]>
}

/** Without a folder for engines, only the worker's own can be had. */
async function createEngineResolver(
  { engines = null }: JobRunnerOptions,
  sandbox: SideSandbox
): Promise<PrepareDeps['resolveEngine']> {
  const { version: ownVersion } = await createEngineReader()()
  const none = { directory: '', allowed: { kind: 'none' } } as const
  return createEngineCache({ ...(engines ?? none), ownVersion, sandbox }).resolveEngine
}

export type JobRunner = (job: BenchmarkJob, options: RunJobOptions) => Promise<BenchmarkResult>

/** Connects {@link runJob} to this machine: real processes, real clock, real randomness. */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { workerId, workRoot, bubblewrap, readCalibrations = async () => [] } = options
  const chooseCores = createCoreChooser()
  const findingSetpriv = bubblewrap === null ? findSetpriv() : Promise.resolve(null)
  const sandbox = { nodePath: process.execPath, bubblewrap }
  const makingResolver = createEngineResolver(options, sandbox)
  return async (job, runOptions) => {
    const { codeCache, remove } = await openCodeCache({
      ...sandbox,
      sideProgram: PROGRAMS.launch,
      workRoot,
      signal: runOptions.signal
    })
    const resolveEngine = await makingResolver
    const shared = { ...sandbox, codeCache, setpriv: await findingSetpriv }
    const deps: RunJobDeps = {
      ...(options.injectDelay === undefined ? {} : { injectDelay: options.injectDelay }),
      fetchCommit: (sha, directory, signal, needs) => options.fetchCommit(job, sha, directory, signal, needs),
      sideCommand: ({ program, cores, ...folders }) =>
        pinCommand(sideCommand({ ...shared, ...folders, sideProgram: PROGRAMS[program] }), cores),
      externalData: createExternalDataLister(shared),
      resolveEngine,
      checkSessions: (cases) => checkSessionsHere(cases, { bubblewrap, resolveEngine, signal: runOptions.signal }),
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
