import { z } from 'zod'

/** Requests per second. */
const RatePerS = z.number().min(0.1).max(100_000)
/** Sessions that work at the same time, each in a thread of its own. */
const Instances = z.int().min(1).max(64)
const TimeoutMs = z.number().min(0.1).max(3_600_000)

export const Arrival = z.enum(['poisson', 'constant'])
export type Arrival = z.infer<typeof Arrival>

export const Percentile = z.enum(['p50', 'p95', 'p99'])
export type Percentile = z.infer<typeof Percentile>

/** The load pattern. docs/scenarios.md tells what each is for. */
export const ScenarioSpec = z.discriminatedUnion('kind', [
  /** One request at a time, the next one as soon as the last is answered. */
  z.strictObject({ kind: z.literal('single_stream') }),
  /** A query carries several samples, spread over the instances; it is answered when its last sample is. */
  z.strictObject({
    kind: z.literal('multi_stream'),
    samplesPerQuery: z.int().min(1).max(1024),
    instances: Instances
  }),
  /** Whole batches back to back: the batch size multiplies the batch dimension. */
  z.strictObject({ kind: z.literal('offline'), batchSize: z.int().min(1).max(4096) }),
  /** Open loop: requests arrive when they arrive, however busy the instances are. */
  z.strictObject({
    kind: z.literal('server'),
    ratePerS: RatePerS,
    arrival: Arrival,
    instances: Instances,
    /** A request that has waited so long is dropped, and counts as failed. Null: none is. */
    timeoutMs: TimeoutMs.nullable(),
    /** Most requests that wait; the oldest is dropped for one more. Null: no limit. */
    maxQueue: z.int().min(1).max(1_000_000).nullable(),
    seed: z.int().nonnegative()
  }),
  /** Open loop: so many requests at once, again and again. */
  z.strictObject({
    kind: z.literal('burst'),
    size: z.int().min(1).max(10_000),
    everyMs: z.number().min(1).max(600_000),
    instances: Instances
  }),
  /** Open loop at rising rates: latency over load, the knee, and the highest rate that keeps the latency objective. */
  z.strictObject({
    kind: z.literal('ramp'),
    fromPerS: RatePerS,
    toPerS: RatePerS,
    steps: z.int().min(3).max(50),
    arrival: Arrival,
    instances: Instances,
    slo: z.strictObject({ percentile: Percentile, latencyMs: z.number().positive().max(3_600_000) }),
    seed: z.int().nonnegative()
  }),
  /** A fresh process each time: its start, loading the engine, creating the session, the first inference. */
  z.strictObject({ kind: z.literal('cold_start') }),
  /** Autoregressive decoding, one token at a time, keeping keys and values. */
  z.strictObject({
    kind: z.literal('generate'),
    promptTokens: z.int().min(1).max(100_000),
    newTokens: z.int().min(2).max(100_000),
    /** A request is good when it keeps both. Null: not counted. */
    goodput: z
      .strictObject({ ttftMs: z.number().positive().max(3_600_000), itlMs: z.number().positive().max(3_600_000) })
      .nullable(),
    /** Names of inputs and outputs that are not found by themselves: see docs/scenarios.md. */
    tokenInput: z.string().max(200).nullable(),
    logitsOutput: z.string().max(200).nullable()
  }),
  /** A long steady run in each launch: does memory grow, does latency drift? */
  z.strictObject({ kind: z.literal('soak'), seconds: z.number().min(1).max(3600) })
])
export type ScenarioSpec = z.infer<typeof ScenarioSpec>

export const ScenarioKind = z.enum([
  'single_stream',
  'multi_stream',
  'offline',
  'server',
  'burst',
  'ramp',
  'cold_start',
  'generate',
  'soak'
])
export type ScenarioKind = z.infer<typeof ScenarioKind>

export type ScenarioOf<Kind extends ScenarioKind> = Extract<ScenarioSpec, { kind: Kind }>
