import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { BenchmarkFailure, CaseResult, StopReason } from '#contracts/benchmark-result.ts'
import type { CaseSpec, SideSpec } from '#contracts/case.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { SidePreparation } from '#workers/prepare/prepare-side.ts'
import { type CaseState, type Failures, startState } from './case-state.ts'
import { measureRounds, type RoundsDeps } from './measure-rounds.ts'
import { MeasuringAbortedError } from './measuring-errors.ts'

export interface MeasureDeps extends RoundsDeps {
  /** Told to stop by the outside: measuring then throws and keeps nothing. */
  readonly signal: AbortSignal
  /** The end of the job's time: whole rounds measured so far are kept. */
  readonly deadline: AbortSignal
  /** Finds everything that one side of a case loads, before any process loads it. */
  readonly prepareSide: (side: Side, spec: SideSpec, signal: AbortSignal) => Promise<SidePreparation>
  /** By case index; a case without an entry can be measured here. */
  readonly checkSessions: (cases: readonly CaseToCheck[]) => Promise<ReadonlyMap<number, BenchmarkFailure>>
}

/**
 * Measures the cases of a job in rounds until a look ends it, the rounds are used up or the time is over. A case that a look
 * settles is left out of further rounds. So is one that fails on one side, which is reported as not measured; the others go
 * on. A round in which a process was lost is thrown away.
 *
 * @returns one result per case, in the job's order
 * @throws {MeasuringAbortedError} when `signal` aborts; {@link SideStartError} when the worker cannot start a process
 */
export async function measureCases(
  deps: MeasureDeps,
  job: Pick<BenchmarkJob, 'cases' | 'measuring'>
): Promise<readonly CaseResult[]> {
  const failures: Failures = new Map()
  let states: readonly CaseState[] = []
  let stopReason: StopReason = 'out_of_time'
  try {
    states = await prepareCases(deps, job.cases, failures)
    const signal = AbortSignal.any([deps.signal, deps.deadline])
    for await (const progress of measureRounds({ ...deps, signal }, job.measuring, states, failures)) {
      states = progress.states
      stopReason = progress.stopReason ?? stopReason
    }
  } catch (error) {
    if (deps.signal.aborted) throw new MeasuringAbortedError('Measuring was stopped.', { cause: error })
    if (!deps.deadline.aborted) throw error
  }
  return job.cases.map((spec, caseIndex) => {
    const failure = failures.get(caseIndex)
    if (failure !== undefined) return { status: 'not_measured', caseId: spec.id, failure }
    const state = states.find(({ prepared }) => prepared.caseIndex === caseIndex)
    if (state === undefined || state.blocks.length === 0) return outOfTime(spec, job.measuring.jobTimeoutMs)
    return {
      status: 'measured',
      caseId: spec.id,
      models: state.models,
      blocks: [...state.blocks],
      stopReason: state.settled ?? stopReason,
      warnings: [...state.warnings]
    }
  })
}

export interface CaseToCheck {
  readonly caseIndex: number
  readonly spec: CaseSpec
}

async function prepareCases(
  deps: MeasureDeps,
  specs: readonly CaseSpec[],
  failures: Failures
): Promise<readonly CaseState[]> {
  const states: CaseState[] = []
  const unfit = await deps.checkSessions(specs.map((spec, caseIndex) => ({ caseIndex, spec })))
  for (const [caseIndex, spec] of specs.entries()) {
    const failure = unfit.get(caseIndex)
    if (failure !== undefined) {
      failures.set(caseIndex, failure)
      continue
    }
    const baseline = await deps.prepareSide('baseline', spec.baseline, deps.signal)
    const candidate = await deps.prepareSide('candidate', spec.candidate, deps.signal)
    // The candidate's first: a model that only the baseline lacks is a new one, and that needs the candidate's to be there.
    if (candidate.kind === 'failed') failures.set(caseIndex, candidate.failure)
    else if (baseline.kind === 'failed') failures.set(caseIndex, baseline.failure)
    else {
      const prepared = {
        caseIndex,
        spec,
        modelFiles: { baseline: baseline.modelFile, candidate: candidate.modelFile },
        engineDirectories: { baseline: baseline.engineDirectory, candidate: candidate.engineDirectory },
        recorded: { baseline: baseline.recorded, candidate: candidate.recorded }
      }
      states.push(startState({ spec, prepared, models: { baseline: baseline.facts, candidate: candidate.facts } }))
    }
  }
  return states
}

function outOfTime(spec: CaseSpec, jobTimeoutMs: number): CaseResult {
  const failure: BenchmarkFailure = {
    code: 'timed_out',
    side: null,
    message: `The job's time of ${Math.round(jobTimeoutMs / 1000)} s was over before one round was measured.`,
    hint: 'Allow more time for the run, or measure fewer cases, a smaller model or a smaller batch.'
  }
  return { status: 'not_measured', caseId: spec.id, failure }
}
