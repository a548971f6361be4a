import { setImmediate as nextTurn } from 'node:timers/promises'
import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { BenchmarkFailure, CaseFindings, ModelFacts } from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import type { RoundEnvironment } from '#contracts/environment.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import type { CaseRounds } from '#stats/assess-case.ts'
import { decideRun } from '#stats/decide-run.ts'
import { toRoundTerms } from '#stats/round-terms.ts'
import { type RoundStatistics, summariseRounds } from '#stats/summarise-rounds.ts'
import type { SettledCase } from '#stats/verdict.ts'
import type { PreparedCase } from './load-request.ts'
import type { WatchedOutcome } from './measure-watched-round.ts'
import type { CaseSoFar } from './progress-message.ts'

/** A case that has not failed, and what is known of it so far. */
export interface CaseState {
  readonly spec: CaseSpec
  readonly prepared: PreparedCase
  readonly models: Readonly<Record<Side, ModelFacts>>
  readonly blocks: readonly Block[]
  /** One per round in {@link CaseState.blocks}. */
  readonly rounds: readonly RoundStatistics[]
  /** What each of these rounds took for this case: loading, warm-up and measuring. */
  readonly spentMs: readonly number[]
  /** How a look settled the case; it is then measured no more. Null while it is open. */
  readonly settled: SettledCase['reason'] | null
  readonly warnings: readonly string[]
  /** Beside the measurements. */
  readonly findings: CaseFindings
}

/** Of a case, as many as the contract has room for. */
const ROUNDS_KEPT = 1000

/** By case index. */
export type Failures = Map<number, BenchmarkFailure>

export function startState(found: Pick<CaseState, 'spec' | 'prepared' | 'models'>): CaseState {
  return { ...found, blocks: [], rounds: [], spentMs: [], settled: null, warnings: [], findings: {} }
}

/**
 * The cases that have not failed, with the blocks of the round where it was kept. Statistics are worked out here, once, and
 * one case per turn of the event loop: a run of many cases must not hold up the worker's other duties.
 */
export async function addRound(
  states: readonly CaseState[],
  outcome: WatchedOutcome,
  failures: Failures
): Promise<readonly CaseState[]> {
  const added: CaseState[] = []
  for (const state of states) {
    const { caseIndex } = state.prepared
    if (failures.has(caseIndex)) continue
    const warning = outcome.warnings.get(caseIndex)
    const blocks = outcome.blocks?.get(caseIndex)
    const warned = warning === undefined ? state : addWarning(state, warning)
    const watched = addEnvironment(warned, outcome.environments.get(caseIndex) ?? [])
    added.push(blocks === undefined ? watched : addBlocks(watched, blocks, outcome.spentMs.get(caseIndex) ?? 0))
    if (blocks !== undefined) await nextTurn()
  }
  return added
}

function addBlocks(state: CaseState, blocks: readonly Block[], spentMs: number): CaseState {
  return {
    ...state,
    blocks: [...state.blocks, ...blocks],
    rounds: [...state.rounds, ...summariseRounds(blocks, toRoundTerms(state.spec.scenario))],
    spentMs: [...state.spentMs, spentMs]
  }
}

function addEnvironment(state: CaseState, rounds: readonly RoundEnvironment[]): CaseState {
  if (rounds.length === 0) return state
  const environment = [...(state.findings.environment ?? []), ...rounds].slice(-ROUNDS_KEPT)
  return { ...state, findings: { ...state.findings, environment } }
}

export function addWarning(state: CaseState, warning: string): CaseState {
  return { ...state, warnings: [...new Set([...state.warnings, warning])] }
}

/** The cases with those marked that a look has settled. */
export function markSettled(states: readonly CaseState[], settled: readonly SettledCase[]): readonly CaseState[] {
  const reasons = new Map(settled.map(({ id, reason }) => [id, reason]))
  return states.map((state) => ({ ...state, settled: state.settled ?? reasons.get(state.spec.id) ?? null }))
}

export function listOpen(states: readonly CaseState[]): readonly CaseState[] {
  return states.filter(({ settled }) => settled === null)
}

export function listSettled(states: readonly CaseState[]): readonly SettledCase[] {
  return states.flatMap(({ spec, settled }) => (settled === null ? [] : [{ id: spec.id, reason: settled }]))
}

/** As the judge sees it. */
export function asCaseRounds({ spec, rounds }: CaseState): CaseRounds {
  return { id: spec.id, scenario: spec.scenario.kind, thresholds: spec.thresholds, rounds }
}

/** As the progress message sees it. */
export function asCaseSoFar({ spec, rounds }: CaseState): CaseSoFar {
  const p50Ratios = rounds.flatMap(({ effects }) => (effects.p50 === null ? [] : [Math.exp(effects.p50.slowdown)]))
  return { id: spec.id, p50Ratios }
}

/** Cases in which a metric got better or worse, or requests fail more often: those whose cause somebody will look for. */
export function listMoved(
  states: readonly CaseState[],
  { design }: Pick<MeasuringPlan, 'design'>
): readonly CaseState[] {
  const { cases } = decideRun(states.map(asCaseRounds), { design })
  return states.filter((_, index) => {
    const decided = cases[index]
    if (decided === undefined) return false
    const hasMoved = decided.metrics.some(({ verdict }) => verdict === 'regression' || verdict === 'improvement')
    return hasMoved || decided.reason?.kind === 'error_rates_differ'
  })
}
