import type { BenchmarkJob, MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { BenchmarkFailure, CaseResult, StopReason } from '#contracts/benchmark-result.ts'
import type { CaseSpec, SideSpec } from '#contracts/case.ts'
import type { Side } from '#contracts/identifiers.ts'
import { isSameModel } from '#src/equivalence/is-same-model.ts'
import { judgeOutputs } from '#src/equivalence/judge-outputs.ts'
import type { Checked } from '#workers/check/check-cases.ts'
import { countNodes, type ProfilesPerSide, type ProfileTarget, withProfiles } from '#workers/check/profile-cases.ts'
import type { SidePreparation } from '#workers/prepare/prepare-side.ts'
import { type CaseState, type Failures, listMoved, startState } from './case-state.ts'
import type { PreparedCase } from './load-request.ts'
import { measureRounds, type RoundsDeps } from './measure-rounds.ts'
import { MeasuringAbortedError } from './measuring-errors.ts'

export interface MeasureDeps extends RoundsDeps {
  /** Told to stop by the outside: measuring then throws and keeps nothing. */
  readonly signal: AbortSignal
  /** The end of the job's time: whole rounds measured so far are kept. */
  readonly deadline: AbortSignal
  /** Finds everything that one side of a case loads, before any process loads it. */
  readonly prepareSide: (side: Side, spec: SideSpec, signal: AbortSignal) => Promise<SidePreparation>
  /** What each side of a case needs besides the processor. Default: nothing. */
  readonly findDevices?: (spec: CaseSpec) => Promise<NonNullable<PreparedCase['devices']>>
  /** By case index; a case without an entry can be measured here. */
  readonly checkSessions: (cases: readonly CaseToCheck[]) => Promise<ReadonlyMap<number, BenchmarkFailure>>
  /** Looks at what both sides answer, before anything is measured. By case index. */
  readonly checkCases: (cases: readonly PreparedCase[], signal: AbortSignal) => Promise<ReadonlyMap<number, Checked>>
  /** Profiles cases that moved, after the measuring. By case index; a case may be missing. */
  readonly profileCases: (
    cases: readonly ProfileTarget[],
    signal: AbortSignal
  ) => Promise<ReadonlyMap<number, ProfilesPerSide>>
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
  let differing: readonly CaseState[] = []
  let stopReason: StopReason = 'out_of_time'
  try {
    const signal = AbortSignal.any([deps.signal, deps.deadline])
    states = await prepareCases(deps, job.cases, failures)
    states = await checkStates(deps, states, failures, signal)
    const comparable = states.filter(isComparable)
    differing = states.filter((state) => !isComparable(state))
    for await (const progress of measureRounds({ ...deps, signal }, job.measuring, comparable, failures)) {
      states = progress.states
      stopReason = progress.stopReason ?? stopReason
    }
    states = await addProfiles(deps, job.measuring, states, signal)
  } catch (error) {
    if (deps.signal.aborted) throw new MeasuringAbortedError('Measuring was stopped.', { cause: error })
    if (!deps.deadline.aborted) throw error
  }
  return job.cases.map((spec, caseIndex) => {
    const failure = failures.get(caseIndex)
    if (failure !== undefined) return { status: 'not_measured', caseId: spec.id, failure }
    const different = differing.find(({ prepared }) => prepared.caseIndex === caseIndex)
    if (different !== undefined) return describeDifferent(different)
    const state = states.find(({ prepared }) => prepared.caseIndex === caseIndex)
    if (state === undefined || state.blocks.length === 0) return outOfTime(spec, job.measuring.jobTimeoutMs)
    return {
      status: 'measured',
      caseId: spec.id,
      models: state.models,
      blocks: [...state.blocks],
      stopReason: state.settled ?? stopReason,
      warnings: [...state.warnings],
      ...state.findings
    }
  })
}

function describeDifferent({ spec, models, warnings, findings }: CaseState): CaseResult {
  return { status: 'not_equivalent', caseId: spec.id, models, warnings: [...warnings], ...findings }
}

/** Adds what was found out about the cases. One that cannot be loaded or run on a side has failed. */
async function checkStates(
  deps: MeasureDeps,
  states: readonly CaseState[],
  failures: Failures,
  signal: AbortSignal
): Promise<readonly CaseState[]> {
  const checked = await deps.checkCases(
    states.map(({ prepared }) => prepared),
    signal
  )
  const kept: CaseState[] = []
  for (const state of states) {
    const { caseIndex } = state.prepared
    const found = checked.get(caseIndex)
    if (found?.kind === 'failed') failures.set(caseIndex, found.failure)
    else kept.push(found === undefined ? state : { ...state, findings: found.findings })
  }
  return kept
}

/** Where the answers differ by more than the policy lets them, no speed is measured. */
function isComparable({ spec, models, findings }: CaseState): boolean {
  if (spec.equivalence === undefined) return true
  const facts = findings.outputs ?? null
  const judgement = judgeOutputs({ policy: spec.equivalence, modelIdentical: isSameModel(models), facts })
  return judgement.verdict !== 'not_equivalent'
}

/** Profiles what moved. Without the time for it, the result stands as it is. */
async function addProfiles(
  deps: MeasureDeps,
  measuring: MeasuringPlan,
  states: readonly CaseState[],
  signal: AbortSignal
): Promise<readonly CaseState[]> {
  const moved = listMoved(states, measuring)
  if (moved.length === 0) return states
  const profiles = await deps.profileCases(
    moved.map(({ prepared, findings }) => ({ prepared, nodes: countNodes(findings) })),
    signal
  )
  return states.map((state) => {
    const own = profiles.get(state.prepared.caseIndex)
    return own === undefined ? state : { ...state, findings: withProfiles(state.findings, own) }
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
        ...(deps.findDevices === undefined ? {} : { devices: await deps.findDevices(spec) }),
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
