import { z } from 'zod'

const LimitMs = z.number().positive().max(3_600_000)
const LimitPerS = z.number().positive().max(1e9)
const Share = z.number().min(0).max(1)

/**
 * Absolute limits of the candidate, whatever the baseline does: ceilings, and floors where the name begins with `min`.
 * docs/statistics.md "Budgets".
 */
export const Budgets = z.strictObject({
  p50Ms: LimitMs.optional(),
  p95Ms: LimitMs.optional(),
  p99Ms: LimitMs.optional(),
  /** Of `generate`: medians of the time to the first token, and from token to token. */
  ttftMs: LimitMs.optional(),
  itlMs: LimitMs.optional(),
  /** Of `cold_start`: from the order to start the process until the first answer. */
  readyMs: LimitMs.optional(),
  /** Most memory of the side process in a round, in megabytes of 1,000,000 bytes. */
  memoryPeakMb: z.number().positive().max(1e9).optional(),
  /** Share of the requests that may fail. */
  errorRate: Share.optional(),
  minThroughputPerS: LimitPerS.optional(),
  /** Of a `ramp`. */
  minSustainedRatePerS: LimitPerS.optional(),
  /** Of `generate`. */
  minTokensPerS: LimitPerS.optional(),
  minGoodput: Share.optional()
})
export type Budgets = z.infer<typeof Budgets>
export type BudgetName = keyof Budgets
export const BUDGET_NAMES: readonly BudgetName[] = Budgets.keyof().options

/** What an hour of the machine costs. */
export const Price = z.strictObject({
  perHour: z.number().positive().max(1e6),
  /** As it is shown: `USD`, `€`. */
  currency: z.string().min(1).max(8)
})
export type Price = z.infer<typeof Price>
