import { z } from 'zod'

/** Below six rounds nothing is judged: t over fewer launches is too wild to use. docs/statistics.md "Deciding". */
export const FIRST_LOOK = 6

/** The error rates of planned looks hold up to here. docs/statistics.md "Deciding". */
export const MAX_PLANNED_ROUNDS = 24

/** Most rounds that anybody may ask for. */
export const MAX_ROUNDS = 200

/** Rounds after which a run of at most so many is looked at: every one from the first look on. */
export function listLooks(maxRounds: number): number[] {
  return Array.from({ length: maxRounds - FIRST_LOOK + 1 }, (_, index) => FIRST_LOOK + index)
}

/**
 * How often the rounds may be looked at, and so what makes a difference certain. `planned_looks`: after every round from the
 * sixth to the 24th, each look at its share of the error. `open_ended`: the same without an end.
 * docs/statistics.md "Deciding", "More rounds than planned".
 */
export const DecisionDesign = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('planned_looks') }),
  z.strictObject({ kind: z.literal('open_ended') })
])
export type DecisionDesign = z.infer<typeof DecisionDesign>

/** What applies where nothing is said. */
export const DEFAULT_DESIGN: DecisionDesign = { kind: 'planned_looks' }
