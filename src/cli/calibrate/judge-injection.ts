import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { CaseSpec } from '#contracts/case.ts'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { judgeRun } from '#stats/judge-run.ts'
import { lookAt } from '#stats/look-at.ts'
import { summariseRounds } from '#stats/summarise-rounds.ts'
import type { RunComparison } from '#stats/verdict.ts'
import type { InjectedDelay } from '#workers/side/inject-delay.ts'
import { type Injection, injectionId } from './injection.ts'

/** One injected slowdown with the cases that it is tried on. */
export interface InjectionArm {
  readonly id: string
  readonly injection: Injection
  readonly cases: readonly { readonly original: CaseSpec; readonly measured: CaseSpec }[]
}

export interface JudgedArm {
  readonly id: string
  readonly injection: Injection
  /** Rounds after which a run would have stopped. */
  readonly rounds: number
  readonly comparison: RunComparison
  /** A slowdown was called a regression; identical code was not. */
  readonly asExpected: boolean
}

/** Every slowdown becomes cases of its own, which share their launches with the others. */
export function planArms(injections: readonly Injection[], cases: readonly CaseSpec[]): InjectionArm[] {
  return injections.map((injection) => {
    const id = injectionId(injection)
    return {
      id,
      injection,
      cases: cases.map((original) => ({ original, measured: { ...original, id: `${original.id}/${id}` } }))
    }
  })
}

/** What the worker is to inject, by case id; each launch slows other requests down. */
export function createDelays(arms: readonly InjectionArm[]): (caseId: string, launch: number) => InjectedDelay | null {
  const delays = new Map<string, { readonly injection: Injection; readonly arm: number }>()
  for (const [arm, { injection, cases }] of arms.entries()) {
    for (const { measured } of cases) delays.set(measured.id, { injection, arm })
  }
  return (caseId, launch) => {
    const delay = delays.get(caseId)
    if (delay === undefined || delay.injection.fraction === 0) return null
    return { ...delay.injection, seed: launch * arms.length + delay.arm }
  }
}

/** Judges one slowdown as a run of its own, which stops at the first look that says so. */
export function judgeArm(
  arm: InjectionArm,
  measured: ReadonlyMap<string, MeasuredCase['blocks']>,
  plan: Pick<MeasuringPlan, 'looks' | 'design'>
): JudgedArm {
  const cases = arm.cases.flatMap(({ original, measured: spec }) => {
    const blocks = measured.get(spec.id)
    return blocks === undefined ? [] : [{ id: original.id, thresholds: original.thresholds, blocks }]
  })
  const rounds = findStop(cases, plan)
  const comparison = judgeRun({ cases: firstRounds(cases, rounds) }, { design: plan.design })
  const isRegression = comparison.verdict === 'regression' || comparison.verdict === 'mixed'
  const asExpected = isRegression === arm.injection.fraction > 0
  return { id: arm.id, injection: arm.injection, rounds, comparison, asExpected }
}

function findStop(cases: readonly MeasuredCase[], plan: Pick<MeasuringPlan, 'looks' | 'design'>): number {
  const summarised = cases.map(({ blocks, ...rest }) => ({ ...rest, rounds: summariseRounds(blocks) }))
  const roundsDone = Math.max(0, ...summarised.flatMap(({ rounds }) => rounds.map(({ launch }) => launch + 1)))
  const look = (roundsSeen: number) => {
    const seen = summarised.map((item) => ({
      ...item,
      rounds: item.rounds.filter(({ launch }) => launch < roundsSeen)
    }))
    return lookAt(seen, { ...plan, roundsDone: roundsSeen })
  }
  const due = plan.looks.filter((rounds) => rounds <= roundsDone)
  const last = Math.min(roundsDone, Math.max(...plan.looks))
  return due.find((rounds) => look(rounds).kind === 'stop') ?? last
}

function firstRounds(cases: readonly MeasuredCase[], rounds: number): MeasuredCase[] {
  return cases.map((item) => ({ ...item, blocks: item.blocks.filter(({ launch }) => launch < rounds) }))
}
