import { z } from 'zod'
import { CaseSpec } from './case.ts'
import { DEFAULT_DESIGN, DecisionDesign } from './decision-design.ts'
import { CommitSha } from './identifiers.ts'

export const BENCHMARK_QUEUE = 'tailgate-benchmarks'
export const CONTRACT_VERSION = 1

/** How long and how often to measure. Durations cover both sides together. */
export const MeasuringPlan = z.strictObject({
  /** Measuring time of one case in one round, both sides together. docs/statistics.md "Measuring" 4. */
  roundMs: z.int().min(100).max(600_000),
  /** Least warm-up per side and launch: the larger of these two, capped at `warmUpCapMs`. docs/statistics.md "Measuring" 2. */
  warmUpRequests: z.int().min(0).max(100_000),
  warmUpMs: z.int().min(0).max(60_000),
  warmUpCapMs: z.int().min(0).max(120_000),
  /** Rounds after which the comparison is looked at; the last one is the most rounds that are run. */
  looks: z.array(z.int().min(2).max(1000)).min(1).max(200),
  /** Judges of this job decide by it; jobs from before it existed planned their looks. */
  design: DecisionDesign.default(DEFAULT_DESIGN),
  /** One request may take this long before its side counts as hung. */
  requestTimeoutMs: z.int().min(10).max(3_600_000),
  /** The whole job may take this long; what every case then has is judged, and a case that has no round is not measured. */
  jobTimeoutMs: z.int().min(1000).max(86_400_000)
})
export type MeasuringPlan = z.infer<typeof MeasuringPlan>

/** What the queue carries to a worker. No secrets, no functions, no GitHub objects: both sides parse it. */
export const BenchmarkJob = z.strictObject({
  schemaVersion: z.literal(CONTRACT_VERSION),
  /** Deterministic, so that a redelivered webhook or a restarted bot adds nothing twice; see {@link jobId}. */
  jobId: z.string().min(1).max(200),
  runId: z.string().min(1).max(100),
  repository: z.strictObject({
    fullName: z.string().min(1).max(300),
    /** Where to fetch from, without credentials; comes from the bot's settings, never from the pull request. */
    cloneUrl: z.string().min(1).max(2000)
  }),
  baselineSha: CommitSha,
  candidateSha: CommitSha,
  cases: z.array(CaseSpec).min(1).max(1000),
  measuring: MeasuringPlan
})
export type BenchmarkJob = z.infer<typeof BenchmarkJob>

/** Job id of a run. BullMQ refuses `:` and plain integers in job ids. */
export function jobId(runId: string): string {
  return `run-${runId}`
}

/** The run of a job id made by {@link jobId}. */
export function runIdOfJob(id: string): string {
  return id.replace(/^run-/, '')
}
