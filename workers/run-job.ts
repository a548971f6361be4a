import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BenchmarkJob, CONTRACT_VERSION } from '#contracts/benchmark-job.ts'
import type { BenchmarkFailure, BenchmarkProgress, BenchmarkResult, CaseResult } from '#contracts/benchmark-result.ts'
import type { WorkerCalibration } from '#contracts/calibration.ts'
import type { Fingerprint } from '#contracts/fingerprint.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { CaseFacts } from './calibration/choose-calibration.ts'
import { hashModel } from './calibration/hash-model.ts'
import { type CheckDeps, checkCases } from './check/check-cases.ts'
import { findLabelled } from './check/find-labelled.ts'
import { profileCases } from './check/profile-cases.ts'
import type { Cores } from './device/choose-cores.ts'
import { MachineChangedError } from './device/machine-changed-error.ts'
import type { SideDevice } from './device/side-device.ts'
import type { WatchedMachine } from './device/watch-machine.ts'
import { cancelled, fetchFailed, fetchTimedOut, machineChanged, workerError } from './job-failures.ts'
import type { Look } from './measure/create-look.ts'
import type { LaunchPlace } from './measure/load-request.ts'
import type { MachineWatch } from './measure/machine-watch.ts'
import { type CaseToCheck, type MeasureDeps, measureCases } from './measure/measure-cases.ts'
import type { RoundDeps } from './measure/measure-round.ts'
import { SideStartError } from './measure/measuring-errors.ts'
import { startCold } from './measure/start-cold.ts'
import { startLaunch } from './measure/start-launch.ts'
import { createSidePreparer, type PrepareDeps } from './prepare/prepare-side.ts'
import type { SideCommand } from './sandbox/side-command.ts'
import { makeScratchFolder } from './scratch-folder.ts'
import type { ExternalDataLister } from './source/create-external-data-lister.ts'
import type { LfsProblem } from './source/fetch-lfs-objects.ts'
import type { SourceNeeds } from './source/fetch-source.ts'
import { listCheckouts, listNeededFiles } from './source/needed-files.ts'

export interface RunJobDeps extends Pick<RoundDeps, 'injectDelay'>, Pick<MeasureDeps, 'findDevices'> {
  /**
   * Puts the files of one commit of the job's repository into an existing empty directory. Throws an Error, with a
   * `hint` where there is something to do.
   */
  readonly fetchCommit: (sha: string, directory: string, signal: AbortSignal, needs: SourceNeeds) => Promise<void>
  /** How to start a side program: plain or in a sandbox. */
  readonly sideCommand: (start: SideStart) => SideCommand
  /** For this job: lists the files that models keep data in. */
  readonly externalData: ExternalDataLister
  /** Finds an engine on this machine, and installs it where it is not there yet. */
  readonly resolveEngine: PrepareDeps['resolveEngine']
  /** Tries the sessions of the cases before any model is loaded. By case index; a case without an entry can be measured. */
  readonly checkSessions: (cases: readonly CaseToCheck[]) => Promise<ReadonlyMap<number, BenchmarkFailure>>
  /** Cores for both sides of one launch. */
  readonly chooseCores: (threads: number) => Promise<Cores>
  readonly fingerprint: () => Promise<Fingerprint> | Fingerprint
  /** What is known of this machine's own error with these cases; null where it was never calibrated. */
  readonly findCalibration: (fingerprint: Fingerprint, cases: readonly CaseFacts[]) => Promise<WorkerCalibration | null>
  /** Default: the machine is not watched. */
  readonly machine?: MachineWatch & Pick<WatchedMachine, 'identity'>
  readonly look: Look
  readonly now: () => Date
  /** Monotonic. */
  readonly nowMs: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Existing directory; every job gets a folder of its own in it, which is removed whatever happens. */
  readonly workRoot: string
  readonly workerId: string
}

export interface SideStart {
  /** What is started: the process that serves a launch, or that of one cold start. */
  readonly program: 'launch' | 'cold_start'
  readonly checkoutDirectory: string
  /** Of the other side, where a case takes files from there. */
  readonly otherCheckouts: readonly string[]
  readonly engineDirectories: readonly string[]
  readonly cores: Cores
  readonly device: SideDevice | null
}

export interface RunJobOptions {
  readonly signal: AbortSignal
  readonly reportProgress: (progress: BenchmarkProgress) => Promise<void> | void
}

/**
 * Fetches both commits, measures the cases and returns raw measurements. What can be expected to go wrong (a commit that
 * cannot be fetched, a job that is cancelled, a worker that cannot start a process) is in the result; anything else is a
 * bug and throws. Either way no child process and no file is left.
 */
export async function runJob(deps: RunJobDeps, job: BenchmarkJob, options: RunJobOptions): Promise<BenchmarkResult> {
  const startedAt = deps.now().toISOString()
  const fingerprint = await deps.fingerprint()
  // Without symbolic links: a model's real path must be the path that the sandbox shows.
  const directory = await makeScratchFolder(await realpath(deps.workRoot), 'job')
  try {
    const { cases, failure } = await fetchAndMeasure(deps, job, options, directory)
    const identity = deps.machine?.identity() ?? null
    return {
      schemaVersion: CONTRACT_VERSION,
      jobId: job.jobId,
      baselineSha: job.baselineSha,
      candidateSha: job.candidateSha,
      workerId: deps.workerId,
      startedAt,
      finishedAt: deps.now().toISOString(),
      fingerprint,
      calibration: await deps.findCalibration(fingerprint, listFacts(job, cases)),
      ...(identity === null ? {} : { identity }),
      cases: [...cases],
      failure
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** What a calibration is looked up by, for the cases that were measured. */
function listFacts(job: BenchmarkJob, cases: readonly CaseResult[]): readonly CaseFacts[] {
  const specs = new Map(job.cases.map((spec) => [spec.id, spec]))
  return cases.flatMap((result) => {
    const spec = specs.get(result.caseId)
    if (spec === undefined || result.status !== 'measured') return []
    return [{ modelSha256: hashModel(result.models.baseline), session: spec.baseline.session, scenario: spec.scenario }]
  })
}

/** Outputs are compared, and profiles made, only while more than this part of the job's time is left. */
const ASKING_TIME_SHARE = 0.2

interface JobOutcome {
  readonly cases: readonly CaseResult[]
  readonly failure: BenchmarkFailure | null
}

async function fetchAndMeasure(
  deps: RunJobDeps,
  job: BenchmarkJob,
  { signal, reportProgress }: RunJobOptions,
  directory: string
): Promise<JobOutcome> {
  const deadlineMs = deps.nowMs() + job.measuring.jobTimeoutMs
  const deadline = AbortSignal.timeout(job.measuring.jobTimeoutMs)
  const checkouts: Readonly<Record<Side, string>> = {
    baseline: await mkdtemp(join(directory, 'baseline-')),
    candidate: await mkdtemp(join(directory, 'candidate-'))
  }
  try {
    const fetchSignal = AbortSignal.any([signal, deadline])
    const fetched = await fetchBoth({ deps, job, reportProgress, signal: fetchSignal }, checkouts)
    if (signal.aborted) return { cases: [], failure: cancelled(signal) }
    if (deadline.aborted && fetched.kind === 'failed') return { cases: [], failure: fetchTimedOut(job) }
    if (fetched.kind === 'failed') return { cases: [], failure: fetched.failure }
    const { lfsProblems } = fetched
    const start = createSideStarter(deps, job, checkouts)
    const startBoth = (cores: Cores, { engineDirectories, devices }: LaunchPlace) =>
      startLaunch({
        cores,
        directory,
        commandOf: (side) =>
          start('launch', side, { cores, engine: engineDirectories[side], device: devices?.[side] ?? null })
      })
    const asking = (checkSignal: AbortSignal): CheckDeps => ({
      startLaunch: startBoth,
      chooseCores: deps.chooseCores,
      findLabelled: (policy) =>
        findLabelled(policy, { checkoutDirectory: checkouts.baseline, lfsProblems: lfsProblems.baseline }),
      isOutOfTime: () => deadlineMs - deps.nowMs() < ASKING_TIME_SHARE * job.measuring.jobTimeoutMs,
      requestTimeoutMs: job.measuring.requestTimeoutMs,
      signal: checkSignal
    })
    const cases = await measureCases(
      {
        ...deps,
        signal,
        deadline,
        timeLeftMs: () => deadlineMs - deps.nowMs(),
        reportProgress,
        checkCases: (prepared, checkSignal) => checkCases(asking(checkSignal), prepared),
        profileCases: (prepared, profileSignal) => profileCases(asking(profileSignal), prepared),
        prepareSide: createSidePreparer({ ...deps, checkouts, lfsProblems, listExternalData: listIn(deps, checkouts) }),
        startLaunch: startBoth,
        startCold: ({ side, cores, device, ...order }) =>
          startCold(start('cold_start', side, { cores, engine: order.load.engineDirectory, device }), order)
      },
      job
    )
    return { cases, failure: null }
  } catch (error) {
    if (signal.aborted) return { cases: [], failure: cancelled(signal) }
    if (error instanceof MachineChangedError) return { cases: [], failure: machineChanged(error) }
    if (!(error instanceof SideStartError)) throw error
    return { cases: [], failure: workerError(error) }
  }
}

interface FetchContext {
  readonly deps: RunJobDeps
  readonly job: BenchmarkJob
  readonly reportProgress: RunJobOptions['reportProgress']
  readonly signal: AbortSignal
}

type Fetched =
  | { readonly kind: 'fetched'; readonly lfsProblems: Readonly<Record<Side, readonly LfsProblem[]>> }
  | { readonly kind: 'failed'; readonly failure: BenchmarkFailure }

async function fetchBoth(
  { deps, job, reportProgress, signal }: FetchContext,
  checkouts: Readonly<Record<Side, string>>
): Promise<Fetched> {
  const shas: Readonly<Record<Side, string>> = { baseline: job.baselineSha, candidate: job.candidateSha }
  const needed = listNeededFiles(job.cases)
  const lfsProblems: Record<Side, readonly LfsProblem[]> = { baseline: [], candidate: [] }
  const startMs = deps.nowMs()
  const roundsMax = Math.max(...job.measuring.looks)
  for (const side of SIDES) {
    const message = `fetching the ${side} commit ${shas[side].slice(0, 8)}`
    await reportProgress({ phase: 'fetching', roundsDone: 0, roundsMax, elapsedMs: deps.nowMs() - startMs, message })
    const { paths, modelPaths } = needed[side]
    try {
      await deps.fetchCommit(shas[side], checkouts[side], signal, {
        paths,
        listMore: (listSignal) => deps.externalData.listPaths(checkouts[side], modelPaths, listSignal),
        reportProblems: (problems) => {
          lfsProblems[side] = problems
        }
      })
    } catch (error) {
      return { kind: 'failed', failure: fetchFailed(side, shas[side], error) }
    }
  }
  return { kind: 'fetched', lfsProblems }
}

function listIn(
  { externalData }: RunJobDeps,
  checkouts: Readonly<Record<Side, string>>
): PrepareDeps['listExternalData'] {
  return (checkout) => (modelFile, signal) => externalData.list(checkouts[checkout], modelFile, signal)
}

type StartPlace = Pick<SideStart, 'cores' | 'device'> & { readonly engine: string | null }

/** How a side's program is started, with the checkouts that the cases of the job take files from. */
function createSideStarter(deps: RunJobDeps, job: BenchmarkJob, checkouts: Readonly<Record<Side, string>>) {
  return (program: SideStart['program'], side: Side, { cores, device, engine }: StartPlace): SideCommand => {
    const others = listCheckouts(job.cases, side).filter((checkout) => checkout !== side)
    return deps.sideCommand({
      program,
      cores,
      device,
      checkoutDirectory: checkouts[side],
      otherCheckouts: others.map((checkout) => checkouts[checkout]),
      engineDirectories: engine === null ? [] : [engine]
    })
  }
}
