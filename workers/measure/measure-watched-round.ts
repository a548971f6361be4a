import type { GpuProcess, RoundEnvironment } from '#contracts/environment.ts'
import type { ReadingVerdict } from '#src/environment/judge-reading.ts'
import { describeOccupied } from '#workers/device/describe-occupied.ts'
import type { PreparedCase } from './load-request.ts'
import { type CaseFailure, measureRound, type RoundDeps, type RoundOutcome, type RoundPlan } from './measure-round.ts'
import { watchedDevice } from './watch-case.ts'

export interface WatchedOutcome extends RoundOutcome {
  /** By case index. Of a case that was measured twice, both readings, the one that counts last. */
  readonly environments: ReadonlyMap<number, readonly RoundEnvironment[]>
}

/**
 * One round, and what the machine was meanwhile. A case whose sides met different clocks is measured once more; one whose GPU
 * somebody else computes on has failed. All else is the judge's.
 *
 * @throws as {@link measureRound}
 */
export async function measureWatchedRound(deps: RoundDeps, plan: RoundPlan): Promise<WatchedOutcome> {
  const first = await measureAndRead(deps, plan)
  if (first.blocks === null) return first
  const again = plan.cases.filter((prepared) => judgeLast(deps, first, prepared)?.kind === 'measure_again')
  const second = again.length === 0 ? null : await measureAndRead(deps, { ...plan, cases: again })
  const joined = second === null ? first : join(first, second)
  const refused = plan.cases.flatMap((prepared): CaseFailure[] => {
    const verdict = judgeLast(deps, joined, prepared)
    return verdict?.kind === 'refuse' ? [occupied(prepared, verdict.processes)] : []
  })
  return { ...joined, failures: [...joined.failures, ...refused] }
}

async function measureAndRead(deps: RoundDeps, plan: RoundPlan): Promise<WatchedOutcome> {
  const outcome = await measureRound(deps, plan)
  await deps.machine?.settle()
  const read = [...outcome.readings].map(([caseIndex, readRound]) => [caseIndex, [readRound()]] as const)
  return { ...outcome, environments: new Map(read) }
}

function judgeLast({ machine }: RoundDeps, outcome: WatchedOutcome, prepared: PreparedCase): ReadingVerdict | null {
  const last = outcome.environments.get(prepared.caseIndex)?.at(-1)
  return last === undefined || machine === undefined
    ? null
    : machine.judge(watchedDevice(prepared.devices), last.reading)
}

/** Where the second time was lost, the first one stands, for the cases that are still there. */
function join(first: WatchedOutcome, second: WatchedOutcome): WatchedOutcome {
  const environments = new Map(first.environments)
  for (const [caseIndex, rounds] of second.blocks === null ? [] : second.environments) {
    environments.set(caseIndex, [...(environments.get(caseIndex) ?? []), ...rounds])
  }
  const spentMs = new Map(first.spentMs)
  for (const [caseIndex, ms] of second.spentMs) spentMs.set(caseIndex, (spentMs.get(caseIndex) ?? 0) + ms)
  return {
    blocks: new Map([...(first.blocks ?? []), ...(second.blocks ?? [])]),
    failures: [...first.failures, ...second.failures],
    warnings: new Map([...first.warnings, ...second.warnings]),
    spentMs,
    readings: new Map([...first.readings, ...second.readings]),
    environments
  }
}

function occupied({ caseIndex }: PreparedCase, processes: readonly GpuProcess[]): CaseFailure {
  return { caseIndex, failure: describeOccupied(processes) }
}
