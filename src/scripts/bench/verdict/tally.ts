import type { Feed } from './evidence.ts'
import type { InjectedEffect } from './injected-effect.ts'
import { CALLS, type Call } from './rule.ts'

/** How often one rule said what about one case. */
export interface Tally {
  readonly rule: string
  readonly settings: string
  readonly source: string | null
  readonly feed: Feed
  /** The first feed of the rule: how it is used. */
  readonly isUsual: boolean
  readonly caseId: string
  readonly effect: InjectedEffect
  readonly draws: number
  /** Draws that can differ from each other: what intervals stand on. */
  readonly distinctDraws: number
  readonly calls: Readonly<Record<Call, number>>
  /** Mean over draws of the launches used: of the candidate, which is measured in every one. */
  readonly meanRounds: number
  /** Mean over draws of the time under measurement, both sides together; stored results cost none. */
  readonly meanMeasuringMs: number
}

export type TallyHead = Omit<Tally, 'draws' | 'calls' | 'meanRounds' | 'meanMeasuringMs'>

export interface CountedOutcome {
  readonly call: Call
  readonly rounds: number
  readonly measuringMs: number
}

/** Adds up outcomes one by one. */
export interface OpenTally {
  readonly add: (outcome: CountedOutcome) => void
  readonly close: () => Tally
}

export function openTally(head: TallyHead): OpenTally {
  const calls: Record<Call, number> = { regression: 0, improvement: 0, pass: 0, undecided: 0 }
  let rounds = 0
  let measuringMs = 0
  return {
    add: (outcome) => {
      calls[outcome.call] += 1
      rounds += outcome.rounds
      measuringMs += outcome.measuringMs
    },
    close: () => {
      const draws = CALLS.reduce((sum, call) => sum + calls[call], 0)
      return {
        ...head,
        draws,
        distinctDraws: Math.min(draws, head.distinctDraws),
        calls: { ...calls },
        meanRounds: rounds / draws,
        meanMeasuringMs: measuringMs / draws
      }
    }
  }
}
