import { z } from 'zod'
import { AccuracyFacts } from './accuracy.ts'
import { CONTRACT_VERSION } from './benchmark-job.ts'
import { BlockList } from './block-list.ts'
import { WorkerCalibration } from './calibration.ts'
import { CaseEnvironment, EnvironmentIdentity } from './environment.ts'
import { Fingerprint } from './fingerprint.ts'
import { CaseInspection } from './graph.ts'
import { CommitSha, RepositoryPath, Side } from './identifiers.ts'
import { OutputFacts } from './outputs.ts'

/** Why something could not be measured. Codes are stable; the message says what was wrong, the hint what to do. */
export const FailureCode = z.enum([
  'model_missing',
  'model_is_lfs_pointer',
  'model_unreadable',
  'input_unsupported',
  'inference_failed',
  'provider_unavailable',
  'session_unsupported',
  'engine_unavailable',
  'device_unavailable',
  'process_crashed',
  'timed_out',
  'out_of_memory',
  'fetch_failed',
  'cancelled',
  'worker_error'
])
export type FailureCode = z.infer<typeof FailureCode>

export const BenchmarkFailure = z.strictObject({
  code: FailureCode,
  /** Which side failed, when one did. */
  side: Side.nullable(),
  message: z.string().max(4000),
  hint: z.string().max(2000)
})
export type BenchmarkFailure = z.infer<typeof BenchmarkFailure>

/** One file as it was found in the checkout. */
const FileFacts = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().nonnegative()
})

/** The most files beside its own that one model may keep data in. */
export const EXTERNAL_FILES_MAX = 4096

/** The model of one side as it was found in the checkout. */
export const ModelFacts = FileFacts.extend({
  /** Files that hold initialisers of the model, by path. Part of the model: it has changed when one of them has. */
  externalData: z
    .array(FileFacts.extend({ path: RepositoryPath }))
    .max(EXTERNAL_FILES_MAX)
    .default([])
})
export type ModelFacts = z.infer<typeof ModelFacts>

/** Why measuring of a case stopped. */
export const StopReason = z.enum(['regression', 'pass', 'max_rounds', 'out_of_time', 'forecast'])
export type StopReason = z.infer<typeof StopReason>

/**
 * What was found out about a case beside its measurements: facts, never verdicts. Each is missing where nobody looked, as
 * in results of older workers.
 */
const CaseFindings = z.strictObject({
  outputs: OutputFacts.optional(),
  accuracy: AccuracyFacts.optional(),
  /** The graphs of both sides, and after the measuring, where something moved, profiles of both. */
  inspection: CaseInspection.optional(),
  environment: CaseEnvironment.optional()
})
export type CaseFindings = z.infer<typeof CaseFindings>

export const CaseResult = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('measured'),
    caseId: z.string().max(500),
    models: z.strictObject({ baseline: ModelFacts, candidate: ModelFacts }),
    blocks: BlockList,
    stopReason: StopReason,
    warnings: z.array(z.string().max(1000)).max(50),
    ...CaseFindings.shape
  }),
  /** The answers differ by more than the policy lets them, so nothing was measured. */
  z.strictObject({
    status: z.literal('not_equivalent'),
    caseId: z.string().max(500),
    models: z.strictObject({ baseline: ModelFacts, candidate: ModelFacts }),
    warnings: z.array(z.string().max(1000)).max(50),
    ...CaseFindings.shape
  }),
  z.strictObject({ status: z.literal('not_measured'), caseId: z.string().max(500), failure: BenchmarkFailure })
])
export type CaseResult = z.infer<typeof CaseResult>

/** What a worker hands back: raw measurements, never verdicts. */
export const BenchmarkResult = z.strictObject({
  schemaVersion: z.literal(CONTRACT_VERSION),
  jobId: z.string().max(200),
  baselineSha: CommitSha,
  candidateSha: CommitSha,
  workerId: z.string().max(200),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  fingerprint: Fingerprint,
  /** What is known of this machine's own error; null where it was never calibrated, and in results of older workers. */
  calibration: WorkerCalibration.nullable().default(null),
  /** The machine in detail; missing in results of older workers. */
  identity: EnvironmentIdentity.optional(),
  cases: z.array(CaseResult).max(1000),
  /** Set when the job as a whole failed (could not fetch, cancelled); then `cases` may be empty. */
  failure: BenchmarkFailure.nullable()
})
export type BenchmarkResult = z.infer<typeof BenchmarkResult>

/** What a worker says while it measures. */
export const BenchmarkProgress = z.strictObject({
  phase: z.enum(['fetching', 'preparing', 'measuring']),
  roundsDone: z.int().nonnegative(),
  roundsMax: z.int().nonnegative(),
  elapsedMs: z.number().nonnegative(),
  message: z.string().max(500)
})
export type BenchmarkProgress = z.infer<typeof BenchmarkProgress>
