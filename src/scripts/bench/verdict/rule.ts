import type { Evidence, Feed } from './evidence.ts'

/**
 * What a rule says. `pass` is silence for rules that only alert; `undecided` is for rules that can say that they do not
 * know.
 */
export type Call = 'regression' | 'improvement' | 'pass' | 'undecided'

export const CALLS: readonly Call[] = ['regression', 'improvement', 'pass', 'undecided']

export interface RuleOutcome {
  readonly call: Call
  /** How many of the runs it was given it used: the first so many of each side. */
  readonly baselineRuns: number
  readonly candidateRuns: number
}

/** A way to decide whether the candidate is slower. */
export interface Rule {
  readonly name: string
  /** What it compares and with which settings, in a few words. */
  readonly settings: string
  /** The published rule, or null for ours. */
  readonly source: string | null
  /** The first one is how the rule is used. */
  readonly feeds: readonly Feed[]
  readonly judge: (evidence: Evidence) => RuleOutcome
}

/** An outcome that used all the runs. */
export function callOnAll(call: Call, { baseline, candidate }: Evidence): RuleOutcome {
  return { call, baselineRuns: baseline.length, candidateRuns: candidate.length }
}

/** The direction of a change that a rule found; more than zero is slower. */
export function callDirection(slowdown: number): Call {
  return slowdown > 0 ? 'regression' : 'improvement'
}
