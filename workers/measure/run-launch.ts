import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { instancesOf } from '#workers/scenarios/instances-of.ts'
import type { FedInput } from '#workers/side/protocol.ts'
import { type LaunchPlace, loadRequestOf, type PreparedCase } from './load-request.ts'
import type { CaseFailure, RoundDeps, RoundOutcome, RoundPlan } from './measure-round.ts'
import { SideFailedError, withSide } from './measuring-errors.ts'
import { drawSideOrder, shuffle, warmUpFor } from './measuring-rules.ts'
import type { MeasuringSide } from './side-process.ts'
import type { MeasuringLaunch } from './start-launch.ts'
import { tryCase } from './try-case.ts'
import { type ReadRound, readSides, type SideReaders, watchCase } from './watch-case.ts'

/** Loading a model may take this long, or as long as a request may where that is longer. */
export const LOAD_TIMEOUT_MS = 120_000

interface LoadedCase {
  readonly prepared: PreparedCase
  readonly firstLatencyNs: Readonly<Record<Side, number>>
  /** After so many requests both sides have fed every shape. */
  readonly coveringRequests: number
}

type Sides = Readonly<Record<Side, MeasuringSide>>

interface LaunchDeps extends RoundDeps {
  readonly launch: MeasuringLaunch
}

/**
 * A fresh launch of both sides in random order, and in it every case once, in random order. Only one process works at any
 * time. Whatever happens, both processes are gone when it returns or throws.
 *
 * @param plan whose cases have the same engines
 * @throws {SideStartError} {@link MeasuringAbortedError}
 */
export async function runLaunch(deps: RoundDeps, plan: RoundPlan): Promise<RoundOutcome> {
  const launchOrder = drawSideOrder(deps.random)
  const cores = await deps.chooseCores(countThreads(plan.cases))
  const launch = deps.startLaunch(cores, placeOf(plan.cases))
  try {
    const started = new Map<Side, MeasuringSide>()
    for (const side of launchOrder) started.set(side, await launch.startSide(side, deps.signal))
    return await measureLaunch({ ...deps, launch }, plan, launchOrder, bothSides(started))
  } finally {
    await launch.stop()
  }
}

export function placeOf([first]: readonly PreparedCase[]): LaunchPlace {
  return first ?? { engineDirectories: { baseline: null, candidate: null } }
}

/** The most threads that one of these cases keeps busy. */
export function countThreads(cases: readonly PreparedCase[]): number {
  const threads = cases.flatMap(({ spec }) =>
    SIDES.map((side) => {
      const { intraOpNumThreads, interOpNumThreads, executionMode } = spec[side].session
      const threads = executionMode === 'parallel' ? intraOpNumThreads * interOpNumThreads : intraOpNumThreads
      return threads * instancesOf(spec.scenario)
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
  const readings = new Map<number, ReadRound>()
  const loaded: LoadedCase[] = []
  const readers = await readSides(sides)
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
    for (const each of shuffle(loaded, deps.random)) {
      current = each.prepared
      await measureLoaded(deps, plan, each, { readers, blocks, readings, spentMs })
    }
    return { blocks, failures, warnings, spentMs, readings }
  } catch (error) {
    if (!(error instanceof SideFailedError) || current === undefined) throw error
    failures.push({ caseIndex: current.caseIndex, failure: describeLoss(error, current) })
    return { blocks: null, failures, warnings, spentMs, readings }
  }
}

interface LaunchRecord {
  readonly readers: SideReaders
  readonly blocks: Map<number, readonly Block[]>
  readonly readings: Map<number, ReadRound>
  readonly spentMs: Map<number, number>
}

async function measureLoaded(
  deps: LaunchDeps,
  plan: RoundPlan,
  { prepared, firstLatencyNs, coveringRequests }: LoadedCase,
  { readers, blocks, readings, spentMs }: LaunchRecord
): Promise<void> {
  const { caseIndex, spec } = prepared
  const measuring = warmUpFor(spec.scenario, plan.measuring, coveringRequests)
  const startMs = deps.nowMs()
  const toMeasure = { caseIndex, scenario: spec.scenario, firstLatencyNs, launch: plan.launch, measuring }
  const watch = watchCase(deps.machine, prepared, plan.launch, readers)
  const { measured, read } = await watch(() => deps.launch.measureCase(toMeasure, deps))
  blocks.set(caseIndex, measured.blocks)
  if (read !== null) readings.set(caseIndex, read)
  spentMs.set(caseIndex, (spentMs.get(caseIndex) ?? 0) + deps.nowMs() - startMs)
}

/** Loads one case on both sides and runs its first inference there. */
async function loadCase(
  deps: RoundDeps,
  { measuring, launch }: RoundPlan,
  prepared: PreparedCase,
  launchOrder: readonly Side[],
  sides: Sides
): Promise<{ readonly failure: BenchmarkFailure } | (LoadedCase & { readonly warning: string | null })> {
  const { caseIndex, spec } = prepared
  const { signal } = deps
  const firstLatencyNs: Record<Side, number> = { baseline: 0, candidate: 0 }
  const inputs: Record<Side, readonly FedInput[]> = { baseline: [], candidate: [] }
  let coveringRequests = 0
  for (const side of launchOrder) {
    const delay = side === 'candidate' ? (deps.injectDelay?.(spec.id, launch) ?? null) : null
    const load = loadRequestOf(prepared, side, delay)
    const loadTimeoutMs = Math.max(LOAD_TIMEOUT_MS, measuring.requestTimeoutMs)
    const loadedReply = await withSide(side, sides[side].load(load, { timeoutMs: loadTimeoutMs, signal }))
    if (loadedReply.kind === 'failed') return { failure: sideFailure(side, loadedReply) }
    const tried = { caseIndex, samples: loadedReply.sampleFacts?.samples ?? 1 }
    const triedReply = await tryCase(side, sides[side], tried, { timeoutMs: measuring.requestTimeoutMs, signal })
    if (triedReply.kind === 'failed') return { failure: sideFailure(side, triedReply) }
    inputs[side] = loadedReply.inputs
    coveringRequests = Math.max(coveringRequests, loadedReply.sampleFacts?.coveringRequests ?? 0)
    firstLatencyNs[side] = triedReply.latencyNs
  }
  return { prepared, firstLatencyNs, coveringRequests, warning: compareInputs(inputs) }
}

export function sideFailure(side: Side, reply: Omit<BenchmarkFailure, 'side'>): BenchmarkFailure {
  return { code: reply.code, side, message: reply.message, hint: reply.hint }
}

export function describeLoss({ side, loss }: SideFailedError, { spec }: PreparedCase): BenchmarkFailure {
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
