import { z } from 'zod'
import { Side } from './identifiers.ts'
import { Percentile, ScenarioKind } from './scenario.ts'

/**
 * The recorded-measurements format `tailgate.measurements/1`: what a worker measured, raw, before any judgement.
 * `tailgate judge` reads it and `tailgate compare --measurements` writes it.
 */
export const MEASUREMENTS_FORMAT = 'tailgate.measurements/1'

const Positive = z.number().positive()
const NonNegative = z.number().nonnegative()
const Count = z.int().nonnegative()

/**
 * Further numbers of a block. Each list is as long as `latenciesNs`, but for `itlNs` (as many gaps for each request) and the
 * readings of a soak, which are as long as each other.
 */
export const Series = z.strictObject({
  /** From the intended arrival until an instance took the request. */
  queueNs: z.array(NonNegative).optional(),
  /** From there until the answer. */
  serviceNs: z.array(Positive).optional(),
  /** Time to the first token. */
  ttftNs: z.array(Positive).optional(),
  /** From token to token: all gaps of the first request, then those of the second, … */
  itlNs: z.array(Positive).optional(),
  /** The phases of a cold start: they add up to its latency. */
  processNs: z.array(Positive).optional(),
  requireNs: z.array(Positive).optional(),
  createNs: z.array(Positive).optional(),
  firstNs: z.array(Positive).optional(),
  /** Resident memory of the side process, read now and then. */
  rssBytes: z.array(NonNegative).optional(),
  /** Requests of the case that the process had answered since it loaded it, at the same moments. */
  inferences: z.array(Count).optional()
})
export type Series = z.infer<typeof Series>
export type SeriesName = keyof Series
export const SERIES_NAMES: readonly SeriesName[] = Series.keyof().options

/** What open-loop requests met on their way. */
export const BlockLoad = z
  .strictObject({
    offeredPerS: Positive,
    /** Requests that were due in this block, whatever became of them. */
    arrivals: Count,
    /** Of these, requests that a free instance took later than it had to: the harness's fault, not the side's. */
    late: Count,
    /** Failed requests by cause; both are part of `errors`. */
    timedOut: Count,
    dropped: Count,
    /** From the first intended arrival until the last answer. */
    lastNs: NonNegative
  })
  .refine(({ late, arrivals }) => late <= arrivals, {
    path: ['late'],
    message: 'more requests are late than arrived'
  })
export type BlockLoad = z.infer<typeof BlockLoad>

/**
 * Requests of one side sent back to back, or in open-loop scenarios those of one segment of the schedule. A quad is two blocks of each side (ABBA or BAAB); a launch is one fresh start
 * of both side processes. Blocks stand in time order.
 */
export const Block = z
  .strictObject({
    side: Side,
    /** Which fresh launch of both sides this block belongs to, from 0. The launch is the statistical unit. */
    launch: Count,
    /** Position of the quad within its launch, from 0. */
    quad: Count,
    /** Supervisor's clock around the whole block, in nanoseconds. */
    wallNs: Positive,
    /** One latency per successful request, in nanoseconds, in the order they were sent. Open loop: since the intended arrival. */
    latenciesNs: z.array(Positive),
    /** Requests of this block that failed. */
    errors: Count,
    series: Series.optional(),
    load: BlockLoad.optional()
  })
  .check((context) => {
    const block = context.value
    const mismatch = findSeriesMismatch(block.latenciesNs.length, block.series)
    if (mismatch !== null) {
      context.issues.push({ code: 'custom', path: ['series', mismatch.name], message: mismatch.problem, input: block })
    }
    if (block.load !== undefined && block.load.timedOut + block.load.dropped > block.errors) {
      const message = 'more requests timed out or were dropped than failed'
      context.issues.push({ code: 'custom', path: ['load'], message, input: block })
    }
  })
export type Block = z.infer<typeof Block>

/** One entry for each request; the others have rules of their own. */
const PER_REQUEST: readonly SeriesName[] = [
  'queueNs',
  'serviceNs',
  'ttftNs',
  'processNs',
  'requireNs',
  'createNs',
  'firstNs'
]

export interface SeriesMismatch {
  readonly name: SeriesName
  readonly problem: string
}

/** The first series whose length does not fit the requests of its block. */
export function findSeriesMismatch(requests: number, series: Series | undefined): SeriesMismatch | null {
  if (series === undefined) return null
  for (const name of PER_REQUEST) {
    const length = series[name]?.length ?? requests
    if (length !== requests) return { name, problem: `${length} numbers for ${requests} successful requests` }
  }
  const gaps = series.itlNs?.length ?? 0
  if (requests === 0 ? gaps > 0 : gaps % requests !== 0) {
    return { name: 'itlNs', problem: `${gaps} gaps cannot be shared out evenly over ${requests} successful requests` }
  }
  const readings = series.rssBytes?.length ?? 0
  if (readings === (series.inferences?.length ?? 0)) return null
  return { name: 'inferences', problem: `as many numbers are needed as in rssBytes: ${readings}` }
}

const Ratio = Positive.max(10)

/**
 * The smallest change that matters, per metric: ratios (0.02 = 2 %), but for `slowShare`, `goodput` and `latencyDrift`,
 * differences of shares (0.01 = one percentage point), and `memoryGrowth`, bytes per thousand requests. What is missing has
 * its default. docs/statistics.md "Deciding".
 */
export const Thresholds = z.strictObject({
  p50: Ratio,
  throughput: Ratio,
  p95: Ratio,
  p99: Ratio,
  slowShare: Positive.max(1),
  sustainedRate: Ratio.optional(),
  ready: Ratio.optional(),
  ttft: Ratio.optional(),
  itl: Ratio.optional(),
  tokensPerS: Ratio.optional(),
  goodput: Positive.max(1).optional(),
  memoryGrowth: Positive.max(1e12).optional(),
  latencyDrift: Positive.max(1).optional(),
  memory: Ratio.optional()
})
export type Thresholds = z.infer<typeof Thresholds>
export type ThresholdKey = keyof Thresholds

export const DEFAULT_THRESHOLDS = {
  p50: 0.02,
  throughput: 0.02,
  p95: 0.05,
  p99: 0.1,
  slowShare: 0.01,
  sustainedRate: 0.1,
  ready: 0.1,
  ttft: 0.05,
  itl: 0.03,
  tokensPerS: 0.03,
  goodput: 0.02,
  memoryGrowth: 65_536,
  latencyDrift: 0.05,
  memory: 0.05
} as const satisfies Readonly<Record<ThresholdKey, number>>

/** What a ramp looks for: the highest rate at which this quantile of latency keeps this limit. */
export const LatencyObjective = z.strictObject({
  percentile: Percentile,
  latencyMs: Positive.max(3_600_000)
})
export type LatencyObjective = z.infer<typeof LatencyObjective>

/** A generated answer is good when its first token and its mean gap both keep their limits. */
export const GoodputObjective = z.strictObject({
  ttftMs: Positive.max(3_600_000),
  itlMs: Positive.max(3_600_000)
})
export type GoodputObjective = z.infer<typeof GoodputObjective>

export const MeasuredCase = z.strictObject({
  id: z.string().min(1).max(500),
  thresholds: Thresholds.partial().optional(),
  /** The load pattern; one request at a time where it is missing. */
  scenario: ScenarioKind.optional(),
  /** Of a ramp. */
  slo: LatencyObjective.optional(),
  /** Of `generate`. */
  goodput: GoodputObjective.optional(),
  blocks: z.array(Block)
})
export type MeasuredCase = z.infer<typeof MeasuredCase>

export const Measurements = z.strictObject({
  format: z.literal(MEASUREMENTS_FORMAT),
  description: z.string().optional(),
  cases: z.array(MeasuredCase)
})
export type Measurements = z.infer<typeof Measurements>
