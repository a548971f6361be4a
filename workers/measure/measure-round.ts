import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import type { Cores } from '#workers/device/choose-cores.ts'
import { batchSizeOf } from '#workers/scenarios/batch-size.ts'
import type { InjectedDelay } from '#workers/side/inject-delay.ts'
import type { FedInput } from '#workers/side/protocol.ts'
import { SideFailedError, withSide } from './measuring-errors.ts'
import { drawSideOrder, shuffle } from './measuring-rules.ts'
import type { MeasuringSide } from './side-process.ts'
import type { MeasuringLaunch } from './start-launch.ts'

/** Loading a model may take this long, or as long as a request may where that is longer. */
const LOAD_TIMEOUT_MS = 120_000

/** A case whose models were found on both sides. */
export interface PreparedCase {
  readonly caseIndex: number
  readonly spec: CaseSpec
  readonly modelFiles: Readonly<Record<Side, string>>
}

export interface RoundDeps {
  /** Starts a launch, without its sides, on the cores given; null leaves the choice to the system. */
  readonly startLaunch: (cores: Cores) => MeasuringLaunch
  /** Cores for both sides of one launch, so many as the cases need threads. */
  readonly chooseCores: (threads: number) => Promise<Cores>
  readonly random: () => number
  /** Monotonic. */
  readonly nowMs: () => number
  readonly signal: AbortSignal
  /** Slows the candidate of a case down, for the controlled failure of `tailgate calibrate --inject`. Default: never. */
  readonly injectDelay?: (caseId: string, launch: number) => InjectedDelay | null
}

export interface RoundPlan {
  readonly launch: number
  readonly cases: readonly PreparedCase[]
  readonly measuring: MeasuringPlan
}

export interface CaseFailure {
  readonly caseIndex: number
  readonly failure: BenchmarkFailure
}

export interface RoundOutcome {
  /** By case index; null when a process was lost, and the round has to be run again without the case that lost it. */
  readonly blocks: ReadonlyMap<number, readonly Block[]> | null
  readonly failures: readonly CaseFailure[]
  /** By case index. */
  readonly warnings: ReadonlyMap<number, string>
  /** By case index: what loading, warm-up and measuring took together. */
  readonly spentMs: ReadonlyMap<number, number>
}

interface LoadedCase {
  readonly prepared: PreparedCase
  readonly firstLatencyNs: Readonly<Record<Side, number>>
}

type Sides = Readonly<Record<Side, MeasuringSide>>

interface LaunchDeps extends RoundDeps {
  readonly launch: MeasuringLaunch
}

/**
 * One round: a fresh launch of both sides in random order, and in it every case once, in random order. Only one process
 * works at any time. Whatever happens, both processes are gone when it returns or throws.
 *
 * @throws {SideStartError} {@link MeasuringAbortedError}
 */
export async function measureRound(deps: RoundDeps, plan: RoundPlan): Promise<RoundOutcome> {
  const launchOrder = drawSideOrder(deps.random)
  const cores = await deps.chooseCores(countThreads(plan.cases))
  const launch = deps.startLaunch(cores)
  try {
    const started = new Map<Side, MeasuringSide>()
    for (const side of launchOrder) started.set(side, await launch.startSide(side, deps.signal))
    return await measureLaunch({ ...deps, launch }, plan, launchOrder, bothSides(started))
  } finally {
    await launch.stop()
  }
}

/** The most threads that one inference of these cases uses. */
function countThreads(cases: readonly PreparedCase[]): number {
  const threads = cases.flatMap(({ spec }) =>
    SIDES.map((side) => {
      const { intraOpNumThreads, interOpNumThreads, executionMode } = spec[side].session
      return executionMode === 'parallel' ? intraOpNumThreads * interOpNumThreads : intraOpNumThreads
    })
  )
  return Math.max(1, ...threads)
}

async function measureLaunch(
  deps: LaunchDeps,
  plan: RoundPlan,
  launchOrder: readonly Side[],
  sides: Sides
): Promise<RoundOutcome> {
  const failures: CaseFailure[] = []
  const warnings = new Map<number, string>()
  const blocks = new Map<number, readonly Block[]>()
  const spentMs = new Map<number, number>()
  const loaded: LoadedCase[] = []
  let current: PreparedCase | undefined
  try {
    for (current of shuffle(plan.cases, deps.random)) {
      const startMs = deps.nowMs()
      const outcome = await loadCase(deps, plan, current, launchOrder, sides)
      spentMs.set(current.caseIndex, deps.nowMs() - startMs)
      if ('failure' in outcome) failures.push({ caseIndex: current.caseIndex, failure: outcome.failure })
      else loaded.push(outcome)
      if ('warning' in outcome && outcome.warning !== null) warnings.set(current.caseIndex, outcome.warning)
    }
    for (const { prepared, firstLatencyNs } of shuffle(loaded, deps.random)) {
      current = prepared
      const { caseIndex } = prepared
      const startMs = deps.nowMs()
      const toMeasure = { caseIndex, firstLatencyNs, launch: plan.launch, measuring: plan.measuring }
      blocks.set(caseIndex, (await deps.launch.measureCase(toMeasure, deps)).blocks)
      spentMs.set(caseIndex, (spentMs.get(caseIndex) ?? 0) + deps.nowMs() - startMs)
    }
    return { blocks, failures, warnings, spentMs }
  } catch (error) {
    if (!(error instanceof SideFailedError) || current === undefined) throw error
    failures.push({ caseIndex: current.caseIndex, failure: describeLoss(error, current) })
    return { blocks: null, failures, warnings, spentMs }
  }
}

/** Loads one case on both sides and runs its first inference there. */
async function loadCase(
  deps: RoundDeps,
  { measuring, launch }: RoundPlan,
  prepared: PreparedCase,
  launchOrder: readonly Side[],
  sides: Sides
): Promise<{ readonly failure: BenchmarkFailure } | (LoadedCase & { readonly warning: string | null })> {
  const { caseIndex, spec, modelFiles } = prepared
  const { signal } = deps
  const firstLatencyNs: Record<Side, number> = { baseline: 0, candidate: 0 }
  const inputs: Record<Side, readonly FedInput[]> = { baseline: [], candidate: [] }
  for (const side of launchOrder) {
    const { modelPath, session, inputs: inputSpec } = spec[side]
    const load = {
      kind: 'load',
      caseIndex,
      modelFile: modelFiles[side],
      modelPath,
      session,
      inputs: inputSpec,
      batchSize: batchSizeOf(spec.scenario),
      injectedDelay: side === 'candidate' ? (deps.injectDelay?.(spec.id, launch) ?? null) : null
    } as const
    const loadTimeoutMs = Math.max(LOAD_TIMEOUT_MS, measuring.requestTimeoutMs)
    const loadedReply = await withSide(side, sides[side].load(load, { timeoutMs: loadTimeoutMs, signal }))
    if (loadedReply.kind === 'failed') return { failure: sideFailure(side, loadedReply) }
    const tryTimeoutMs = measuring.requestTimeoutMs
    const triedReply = await withSide(side, sides[side].tryOnce(caseIndex, { timeoutMs: tryTimeoutMs, signal }))
    if (triedReply.kind === 'failed') return { failure: sideFailure(side, triedReply) }
    inputs[side] = loadedReply.inputs
    firstLatencyNs[side] = triedReply.latencyNs
  }
  return { prepared, firstLatencyNs, warning: compareInputs(inputs) }
}

function sideFailure(side: Side, reply: Omit<BenchmarkFailure, 'side'>): BenchmarkFailure {
  return { code: reply.code, side, message: reply.message, hint: reply.hint }
}

function describeLoss({ side, loss }: SideFailedError, { spec }: PreparedCase): BenchmarkFailure {
  const message = `The ${side} process ${loss.message} (model \`${spec[side].modelPath}\`).`
  return { code: loss.code, side, message: message.slice(0, 4000), hint: loss.hint }
}

/** Different inputs are legitimate (the model changed), and a reader of the latencies must know. */
function compareInputs(inputs: Readonly<Record<Side, readonly FedInput[]>>): string | null {
  const [baseline = '', candidate = ''] = SIDES.map((side) =>
    inputs[side].map((input) => `${input.name}: ${input.type}[${input.shape.join(', ')}]`).join(', ')
  )
  if (baseline === candidate) return null
  return `The two sides are fed different inputs: baseline ${baseline.slice(0, 400)}; candidate ${candidate.slice(0, 400)}.`
}

function bothSides(started: ReadonlyMap<Side, MeasuringSide>): Sides {
  const baseline = started.get('baseline')
  const candidate = started.get('candidate')
  if (baseline === undefined || candidate === undefined) throw new Error('Both sides must be started.')
  return { baseline, candidate }
}
