import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { CaseRounds } from '#stats/assess-case.ts'
import { isUnsteady } from '#stats/is-unsteady.ts'
import { lookAt } from '#stats/look-at.ts'
import type { LookDecision, SettledCase } from '#stats/verdict.ts'

/** What a look has to know besides the rounds. */
export interface LookContext {
  readonly roundsDone: number
  /** Cases that earlier looks settled; they have not been measured since. */
  readonly settled: readonly SettledCase[]
  /** Whether there is still a chance, and the time, to start over with a longer warm-up. */
  readonly mayStartOver: boolean
}

export type NextStep =
  | LookDecision
  /** The sides were not warm: throw all rounds away and warm up longer. */
  | { readonly kind: 'start_over' }

/** @param cases every case that has not failed, settled ones too, with all its rounds */
export type Look = (cases: readonly CaseRounds[], context: LookContext) => NextStep

/**
 * What to do after a round of one job: the early-stopping rule, and before it gives up or goes on, the question whether the
 * sides were warm. A regression and a pass need no longer warm-up: they hold whatever the drift does. At the last round the
 * run has taken what it was given.
 *
 * @param plan round counts at which a decision may be taken, the largest of which is the most rounds there will be, and the design they belong to
 */
export function createLook(plan: Pick<MeasuringPlan, 'looks' | 'design'>): Look {
  return (cases, { roundsDone, settled, mayStartOver }) => {
    const decision = lookAt(cases, { ...plan, roundsDone, settled })
    const isOpen = decision.kind === 'continue' || decision.reason === 'forecast'
    if (!mayStartOver || !isOpen || !plan.looks.includes(roundsDone)) return decision
    return isUnsteady(cases, plan) ? { kind: 'start_over' } : decision
  }
}
