import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import type {
  BenchmarkFailure,
  BenchmarkProgress,
  CaseResult,
  ModelFacts,
  StopReason
} from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { Block, MeasuredCase } from '#contracts/measurements.ts'
import type { LookDecision } from '#stats/verdict.ts'
import type { ModelInspection } from './inspect-model.ts'
import { measureRound, type PreparedCase, type RoundDeps, type RoundOutcome } from './measure-round.ts'
import { MeasuringAbortedError } from './measuring-errors.ts'
import { type CaseSoFar, p50Ratio, progressMessage } from './progress-message.ts'

export interface MeasureDeps extends RoundDeps {
  /** Told to stop by the outside: measuring then throws and keeps nothing. Comes from {@link RoundDeps}. */
  readonly signal: AbortSignal
  /** The end of the job's time: whole rounds measured so far are kept. */
  readonly deadline: AbortSignal
  readonly inspectModel: (side: Side, modelPath: string, signal: AbortSignal) => Promise<ModelInspection>
  /** Called after the rounds named in `measuring.looks`, with the cases that are still being measured. */
  readonly look: (cases: MeasuredCase[], roundsDone: number) => LookDecision
  /** Monotonic. */
  readonly nowMs: () => number
  /** Called while nothing is measured; waited for. */
  readonly reportProgress: (progress: BenchmarkProgress) => Promise<void> | void
}

interface CaseState {
  readonly spec: CaseSpec
  readonly prepared: PreparedCase
  readonly models: Readonly<Record<Side, ModelFacts>>
  readonly blocks: readonly Block[]
  /** Candidate / baseline, one per round. */
  readonly p50Ratios: readonly number[]
  readonly warnings: readonly string[]
}

type Failures = Map<number, BenchmarkFailure>

/**
 * Measures the cases of a job in rounds until a look ends it, the rounds are used up or the time is over. A case that
 * fails on one side is left out of further rounds and reported as not measured; the others go on. A round in which a
 * process was lost is thrown away.
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
    for await (const progress of measureRounds(deps, job, states, failures)) {
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
      stopReason,
      warnings: [...state.warnings]
    }
  })
}

interface RoundsProgress {
  readonly states: readonly CaseState[]
  /** Set in the last one, unless the time ran out. */
  readonly stopReason: StopReason | null
}

/** Yields after every whole round, so that the caller keeps what was measured when the next one is cut short. */
async function* measureRounds(
  deps: MeasureDeps,
  { measuring }: Pick<BenchmarkJob, 'measuring'>,
  prepared: readonly CaseState[],
  failures: Failures
): AsyncGenerator<RoundsProgress> {
  const startMs = deps.nowMs()
  const roundsMax = Math.max(...measuring.looks)
  const signal = AbortSignal.any([deps.signal, deps.deadline])
  let states = prepared
  let roundsDone = 0
  const report = (message: string) =>
    deps.reportProgress({ phase: 'measuring', roundsDone, roundsMax, elapsedMs: deps.nowMs() - startMs, message })
  await report('starting both sides')
  while (states.length > 0) {
    const cases = states.map((state) => state.prepared)
    const outcome = await measureRound({ ...deps, signal }, { launch: roundsDone, cases, measuring })
    for (const { caseIndex, failure } of outcome.failures) failures.set(caseIndex, failure)
    states = addRound(states, outcome, failures)
    if (outcome.blocks === null || states.length === 0) continue
    roundsDone += 1
    const stopReason = lookAt(deps, states, roundsDone, measuring.looks)
    yield { states, stopReason }
    const mayStopEarly = measuring.looks.some((look) => look > roundsDone && look < roundsMax)
    const rounds = { done: roundsDone, max: roundsMax, elapsedMs: deps.nowMs() - startMs, mayStopEarly }
    await report(progressMessage(rounds, states.map(asCaseSoFar)))
    if (stopReason !== null) return
  }
}

function lookAt(
  deps: MeasureDeps,
  states: readonly CaseState[],
  roundsDone: number,
  looks: readonly number[]
): StopReason | null {
  if (looks.includes(roundsDone)) {
    const decision = deps.look(states.map(asMeasuredCase), roundsDone)
    if (decision.kind === 'stop') return decision.reason
  }
  return roundsDone >= Math.max(...looks) ? 'max_rounds' : null
}

/** The cases that have not failed, with the blocks of the round where it was kept. */
function addRound(states: readonly CaseState[], outcome: RoundOutcome, failures: Failures): readonly CaseState[] {
  return states
    .filter(({ prepared }) => !failures.has(prepared.caseIndex))
    .map((state) => {
      const { caseIndex } = state.prepared
      const warning = outcome.warnings.get(caseIndex)
      const blocks = outcome.blocks?.get(caseIndex) ?? []
      return {
        ...state,
        blocks: [...state.blocks, ...blocks],
        p50Ratios: [...state.p50Ratios, p50Ratio(blocks)].filter(Number.isFinite),
        warnings: warning === undefined ? state.warnings : [...new Set([...state.warnings, warning])]
      }
    })
}

async function prepareCases(
  deps: MeasureDeps,
  specs: readonly CaseSpec[],
  failures: Failures
): Promise<readonly CaseState[]> {
  const states: CaseState[] = []
  for (const [caseIndex, spec] of specs.entries()) {
    const baseline = await deps.inspectModel('baseline', spec.baseline.modelPath, deps.signal)
    const candidate = await deps.inspectModel('candidate', spec.candidate.modelPath, deps.signal)
    // The candidate's first: a model that only the baseline lacks is a new one, and that needs the candidate's to be there.
    if (candidate.kind === 'failed') failures.set(caseIndex, candidate.failure)
    else if (baseline.kind === 'failed') failures.set(caseIndex, baseline.failure)
    else {
      states.push({
        spec,
        prepared: { caseIndex, spec, modelFiles: { baseline: baseline.file, candidate: candidate.file } },
        models: { baseline: baseline.facts, candidate: candidate.facts },
        blocks: [],
        p50Ratios: [],
        warnings: []
      })
    }
  }
  return states
}

function asMeasuredCase({ spec, blocks }: CaseState): MeasuredCase {
  return { id: spec.id, thresholds: spec.thresholds, blocks: [...blocks] }
}

function asCaseSoFar({ spec, p50Ratios }: CaseState): CaseSoFar {
  return { id: spec.id, p50Ratios }
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
