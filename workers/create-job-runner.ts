import { fileURLToPath } from 'node:url'
import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { Calibration } from '#contracts/calibration.ts'
import { isBuiltInCase } from './calibration/built-in-case.ts'
import { chooseCalibration } from './calibration/choose-calibration.ts'
import { createCoreChooser, pinCommand } from './device/choose-cores.ts'
import { readFingerprint } from './device/fingerprint.ts'
import { type DeviceSettings, findOccupied } from './device/job-devices.ts'
import { createEngineReader, type ReadEngineIdentity } from './device/read-engine-identity.ts'
import { type JobMachine, withJobMachine } from './device/with-job-machine.ts'
import { createEngineCache, type EngineCacheOptions } from './engines/create-engine-cache.ts'
import { createLook } from './measure/create-look.ts'
import type { RoundDeps } from './measure/measure-round.ts'
import { type Holder, nameHolder } from './measuring-lock.ts'
import { checkSessionsHere } from './prepare/check-sessions-here.ts'
import type { PrepareDeps } from './prepare/prepare-side.ts'
import { type RunJobDeps, type RunJobOptions, runJob, type SideStart } from './run-job.ts'
import { findSetpriv } from './sandbox/find-setpriv.ts'
import { openCodeCache } from './sandbox/open-code-cache.ts'
import { type SideCommandOptions, type SideSandbox, sideCommand } from './sandbox/side-command.ts'
import { createExternalDataLister } from './source/create-external-data-lister.ts'
import type { SourceNeeds } from './source/fetch-source.ts'

const PROGRAMS: Readonly<Record<SideStart['program'], string>> = {
  launch: fileURLToPath(new URL('./side/main.ts', import.meta.url)),
  cold_start: fileURLToPath(new URL('./side/cold-start.ts', import.meta.url))
}

export interface JobRunnerOptions extends Pick<RoundDeps, 'injectDelay'>, DeviceSettings {
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
  sandbox: SideSandbox,
  readEngine: ReadEngineIdentity
): Promise<PrepareDeps['resolveEngine']> {
  const { version: ownVersion } = await readEngine()
  const none = { directory: '', allowed: { kind: 'none' } } as const
  return createEngineCache({ ...(engines ?? none), ownVersion, sandbox }).resolveEngine
}

export type JobRunner = (job: BenchmarkJob, options: RunJobOptions) => Promise<BenchmarkResult>

/** What all jobs of a runner share. */
interface RunnerParts {
  readonly options: JobRunnerOptions
  readonly sandbox: SideSandbox & Pick<SideCommandOptions, 'codeCache'>
  readonly chooseCores: RunJobDeps['chooseCores']
  readonly resolveEngine: PrepareDeps['resolveEngine']
}

/** Connects {@link runJob} to this machine: real processes, real clock, real randomness. */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { workRoot, bubblewrap } = options
  const readEngine = createEngineReader()
  const chooseCores = createCoreChooser()
  const findingSetpriv = bubblewrap === null ? findSetpriv() : Promise.resolve(null)
  const plain = { nodePath: process.execPath, bubblewrap }
  const makingResolver = createEngineResolver(options, plain, readEngine)
  return async (job, runOptions) => {
    const { signal } = runOptions
    const resolveEngine = await makingResolver
    const sandbox = { ...plain, setpriv: await findingSetpriv }
    const waiting = (holder: Holder | null) => void tellWaiting(job, runOptions, holder)
    const turn = { work: 'job', signal, waiting } as const
    return withJobMachine({ ...turn, cases: job.cases, settings: options, readEngine }, async (found) => {
      const { codeCache, remove } = await openCodeCache({ ...plain, sideProgram: PROGRAMS.launch, workRoot, signal })
      const parts = { options, sandbox: { ...sandbox, codeCache }, chooseCores, resolveEngine }
      try {
        return await runJob(createDeps(parts, found, job, signal), job, runOptions)
      } finally {
        await remove()
      }
    })
  }
}

function createDeps(parts: RunnerParts, found: JobMachine, job: BenchmarkJob, signal: AbortSignal): RunJobDeps {
  const { options, sandbox, chooseCores, resolveEngine } = parts
  const { bubblewrap, workRoot, workerId, injectDelay, readCalibrations = async () => [] } = options
  const { devices, machine } = found
  return {
    ...(injectDelay === undefined ? {} : { injectDelay }),
    fetchCommit: (sha, directory, fetchSignal, needs) => options.fetchCommit(job, sha, directory, fetchSignal, needs),
    sideCommand: ({ program, cores, ...shown }) =>
      pinCommand(sideCommand({ ...sandbox, ...shown, sideProgram: PROGRAMS[program] }), cores),
    externalData: createExternalDataLister(sandbox),
    resolveEngine,
    checkSessions: async (cases) => {
      const occupied = await findOccupied(devices, cases)
      const free = cases.filter(({ caseIndex }) => !occupied.has(caseIndex))
      const { ofSession: findDevice } = devices
      return new Map([
        ...occupied,
        ...(await checkSessionsHere(free, { bubblewrap, resolveEngine, findDevice, signal }))
      ])
    },
    findDevices: devices.ofCase,
    machine,
    chooseCores,
    fingerprint: () =>
      readFingerprint({
        sandbox: bubblewrap === null ? 'none' : 'bubblewrap',
        ...(devices.description === null ? {} : { device: devices.description })
      }),
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
}

function tellWaiting(
  job: BenchmarkJob,
  { reportProgress }: RunJobOptions,
  holder: Holder | null
): Promise<void> | void {
  const message = `waiting for ${nameHolder(holder)} on the GPU to end`
  const roundsMax = Math.max(...job.measuring.looks)
  return reportProgress({ phase: 'preparing', roundsDone: 0, roundsMax, elapsedMs: 0, message })
}
