import { z } from 'zod'

/**
 * How often the rounds may be looked at, and so what makes a difference certain. `planned_looks`: at most the four looks of the
 * procedure, each at its share of the error. `open_ended`: after any round from the sixth on, for as long as anybody likes.
 * docs/statistics.md "Deciding", "More rounds than sixteen".
 */
export const DecisionDesign = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('planned_looks') }),
  z.strictObject({ kind: z.literal('open_ended') })
])
export type DecisionDesign = z.infer<typeof DecisionDesign>

/** What applies where nothing is said. */
export const DEFAULT_DESIGN: DecisionDesign = { kind: 'planned_looks' }
