import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BenchmarkJob, CONTRACT_VERSION } from '#contracts/benchmark-job.ts'
import type { BenchmarkFailure, BenchmarkProgress, BenchmarkResult, CaseResult } from '#contracts/benchmark-result.ts'
import type { WorkerCalibration } from '#contracts/calibration.ts'
import type { Fingerprint } from '#contracts/fingerprint.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { CaseFacts } from './calibration/choose-calibration.ts'
import type { Cores } from './device/choose-cores.ts'
import type { Look } from './measure/create-look.ts'
import { measureCases } from './measure/measure-cases.ts'
import type { RoundDeps } from './measure/measure-round.ts'
import { SideStartError } from './measure/measuring-errors.ts'
import { startLaunch } from './measure/start-launch.ts'
import type { SideCommand } from './sandbox/side-command.ts'
import { makeScratchFolder } from './scratch-folder.ts'
import { inspectModel, type ModelInspection } from './source/inspect-model.ts'

export interface RunJobDeps extends Pick<RoundDeps, 'injectDelay'> {
  /**
   * Puts the files of one commit of the job's repository into an existing empty directory. Throws an Error, with a
   * `hint` where there is something to do.
   */
  readonly fetchCommit: (sha: string, directory: string, signal: AbortSignal) => Promise<void>
  /** How to start the side process for a checkout: plain or in a sandbox. */
  readonly sideCommand: (options: { readonly checkoutDirectory: string; readonly cores: Cores }) => SideCommand
  /** Cores for both sides of one launch. */
  readonly chooseCores: (threads: number) => Promise<Cores>
  readonly fingerprint: () => Promise<Fingerprint> | Fingerprint
  /** What is known of this machine's own error with these cases; null where it was never calibrated. */
  readonly findCalibration: (fingerprint: Fingerprint, cases: readonly CaseFacts[]) => Promise<WorkerCalibration | null>
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
    return [{ modelSha256: result.models.baseline.sha256, session: spec.baseline.session, scenario: spec.scenario }]
  })
}

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
    const fetchFailure = await fetchBoth({ deps, job, reportProgress, signal: fetchSignal }, checkouts)
    if (signal.aborted) return { cases: [], failure: cancelled(signal) }
    if (deadline.aborted && fetchFailure !== null) return { cases: [], failure: fetchTimedOut(job) }
    if (fetchFailure !== null) return { cases: [], failure: fetchFailure }
    const cases = await measureCases(
      {
        ...deps,
        signal,
        deadline,
        timeLeftMs: () => deadlineMs - deps.nowMs(),
        reportProgress,
        inspectModel: createInspector(checkouts),
        startLaunch: (cores) => {
          const commandOf = (side: Side) => deps.sideCommand({ checkoutDirectory: checkouts[side], cores })
          return startLaunch({ cores, commandOf, directory })
        }
      },
      job
    )
    return { cases, failure: null }
  } catch (error) {
    if (signal.aborted) return { cases: [], failure: cancelled(signal) }
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

async function fetchBoth(
  { deps, job, reportProgress, signal }: FetchContext,
  checkouts: Readonly<Record<Side, string>>
): Promise<BenchmarkFailure | null> {
  const shas: Readonly<Record<Side, string>> = { baseline: job.baselineSha, candidate: job.candidateSha }
  const startMs = deps.nowMs()
  const roundsMax = Math.max(...job.measuring.looks)
  for (const side of SIDES) {
    const message = `fetching the ${side} commit ${shas[side].slice(0, 8)}`
    await reportProgress({ phase: 'fetching', roundsDone: 0, roundsMax, elapsedMs: deps.nowMs() - startMs, message })
    try {
      await deps.fetchCommit(shas[side], checkouts[side], signal)
    } catch (error) {
      return fetchFailed(side, shas[side], error)
    }
  }
  return null
}

/** Looks at each model file once, however many cases use it. */
function createInspector(
  checkouts: Readonly<Record<Side, string>>
): (side: Side, modelPath: string, signal: AbortSignal) => Promise<ModelInspection> {
  const inspections = new Map<string, Promise<ModelInspection>>()
  return (side, modelPath, signal) => {
    const key = `${side}/${modelPath}`
    const known = inspections.get(key)
    if (known !== undefined) return known
    const inspection = inspectModel({ side, checkoutDirectory: checkouts[side], modelPath }, signal)
    inspections.set(key, inspection)
    return inspection
  }
}

function fetchFailed(side: Side, sha: string, error: unknown): BenchmarkFailure {
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : FETCH_HINT
  return {
    code: 'fetch_failed',
    side,
    message: `The ${side} commit ${sha} could not be fetched: ${message}`.slice(0, 4000),
    hint: hint.slice(0, 2000)
  }
}

const FETCH_HINT =
  'Check that the commit still exists on the server (a force-push or a deleted branch removes it) and that the worker may read the repository.'

function fetchTimedOut(job: BenchmarkJob): BenchmarkFailure {
  const seconds = Math.round(job.measuring.jobTimeoutMs / 1000)
  return {
    code: 'timed_out',
    side: null,
    message: `The job's time of ${seconds} s was over before both commits were fetched.`,
    hint: 'Allow more time for the run, or make the repository smaller for a fetch.'
  }
}

function cancelled(signal: AbortSignal): BenchmarkFailure {
  const reason: unknown = signal.reason
  const why = reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : 'no reason given'
  return {
    code: 'cancelled',
    side: null,
    message: `The job was cancelled: ${why}`.slice(0, 4000),
    hint: 'Nothing needs to be done unless a new run was expected; a new run can be asked for at any time.'
  }
}

function workerError(error: SideStartError): BenchmarkFailure {
  return {
    code: 'worker_error',
    side: null,
    message: error.message.slice(0, 4000),
    hint: "Check the worker's installation: Node.js 24, onnxruntime-node, and the sandbox program where one is used."
  }
}
