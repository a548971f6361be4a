import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import { SIDES } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import type { Cores } from '#workers/device/choose-cores.ts'
import type { InjectedDelay } from '#workers/side/inject-delay.ts'
import type { LaunchPlace, PreparedCase } from './load-request.ts'
import type { MachineWatch } from './machine-watch.ts'
import { measureColdStarts } from './measure-cold-starts.ts'
import { shuffle } from './measuring-rules.ts'
import { runLaunch } from './run-launch.ts'
import type { ColdAnswer, ColdOrder } from './start-cold.ts'
import type { MeasuringLaunch } from './start-launch.ts'
import type { ReadRound } from './watch-case.ts'

export interface RoundDeps {
  /** Starts a launch, without its sides, on the cores given; null leaves the choice to the system. */
  readonly startLaunch: (cores: Cores, place: LaunchPlace) => MeasuringLaunch
  /** Starts a process that loads one model, answers once and ends. */
  readonly startCold: (order: ColdOrder) => Promise<ColdAnswer>
  /** Cores for both sides of one launch, so many as the cases need threads. */
  readonly chooseCores: (threads: number) => Promise<Cores>
  readonly random: () => number
  /** Monotonic. */
  readonly nowMs: () => number
  readonly signal: AbortSignal
  /** Reads the machine around each case. Default: it is not watched. */
  readonly machine?: MachineWatch
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
  /** By case index: what was measured while the machine was watched. */
  readonly readings: ReadonlyMap<number, ReadRound>
}

/**
 * One round: fresh launches of both sides, and in them every case once. One launch holds the cases that have the same engines
 * and devices, because a process can load one engine and see one device; a cold start is a process by itself. They follow each
 * other in random order.
 *
 * @throws {SideStartError} {@link MeasuringAbortedError}
 */
export async function measureRound(deps: RoundDeps, plan: RoundPlan): Promise<RoundOutcome> {
  const cold = plan.cases.filter(isCold)
  const launches = groupByPlace(plan.cases.filter((prepared) => !isCold(prepared)))
  const parts = [
    ...launches.map((cases) => () => runLaunch(deps, { ...plan, cases })),
    ...cold.map((prepared) => () => measureColdStarts(deps, plan, prepared))
  ]
  const outcomes: RoundOutcome[] = []
  for (const measure of shuffle(parts, deps.random)) {
    const outcome = await measure()
    outcomes.push(outcome)
    if (outcome.blocks === null) break
  }
  return joinOutcomes(outcomes)
}

function isCold({ spec }: PreparedCase): boolean {
  return spec.scenario.kind === 'cold_start'
}

function groupByPlace(cases: readonly PreparedCase[]): readonly PreparedCase[][] {
  const place = ({ engineDirectories, devices }: PreparedCase) =>
    JSON.stringify(SIDES.map((side) => [engineDirectories[side], devices?.[side] ?? null]))
  return [...Map.groupBy(cases, place).values()]
}

function joinOutcomes(outcomes: readonly RoundOutcome[]): RoundOutcome {
  const isWhole = outcomes.every(({ blocks }) => blocks !== null)
  return {
    blocks: isWhole ? new Map(outcomes.flatMap(({ blocks }) => [...(blocks ?? [])])) : null,
    failures: outcomes.flatMap(({ failures }) => failures),
    warnings: new Map(outcomes.flatMap(({ warnings }) => [...warnings])),
    spentMs: new Map(outcomes.flatMap(({ spentMs }) => [...spentMs])),
    readings: new Map(outcomes.flatMap(({ readings }) => [...readings]))
  }
}
