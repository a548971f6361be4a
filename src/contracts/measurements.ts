import { z } from 'zod'
import { Side } from './identifiers.ts'

/**
 * The recorded-measurements format `tailgate.measurements/1`: what a worker measured, raw, before any judgement.
 * `tailgate judge` reads it and `tailgate compare --measurements` writes it.
 */
export const MEASUREMENTS_FORMAT = 'tailgate.measurements/1'

/**
 * Requests of one side sent back to back. A quad is two blocks of each side (ABBA or BAAB); a launch is one fresh start
 * of both side processes. Blocks stand in time order.
 */
export const Block = z.strictObject({
  side: Side,
  /** Which fresh launch of both sides this block belongs to, from 0. The launch is the statistical unit. */
  launch: z.int().nonnegative(),
  /** Position of the quad within its launch, from 0. */
  quad: z.int().nonnegative(),
  /** Supervisor's clock around the whole block, in nanoseconds. */
  wallNs: z.number().positive(),
  /** One latency per successful request, in nanoseconds, in the order they were sent. */
  latenciesNs: z.array(z.number().positive()),
  /** Requests of this block that failed. */
  errors: z.int().nonnegative()
})
export type Block = z.infer<typeof Block>

/**
 * The smallest change that matters, per metric: ratios (0.02 = 2 %), except `slowShare`, a difference of shares
 * (0.01 = one percentage point). Defaults: docs/statistics.md "Deciding".
 */
export const Thresholds = z.strictObject({
  p50: z.number().positive().max(10),
  throughput: z.number().positive().max(10),
  p95: z.number().positive().max(10),
  p99: z.number().positive().max(10),
  slowShare: z.number().positive().max(1)
})
export type Thresholds = z.infer<typeof Thresholds>

export const DEFAULT_THRESHOLDS: Thresholds = { p50: 0.02, throughput: 0.02, p95: 0.05, p99: 0.1, slowShare: 0.01 }

export const MeasuredCase = z.strictObject({
  id: z.string().min(1).max(500),
  thresholds: Thresholds.partial().optional(),
  blocks: z.array(Block)
})
export type MeasuredCase = z.infer<typeof MeasuredCase>

export const Measurements = z.strictObject({
  format: z.literal(MEASUREMENTS_FORMAT),
  description: z.string().optional(),
  cases: z.array(MeasuredCase)
})
export type Measurements = z.infer<typeof Measurements>
