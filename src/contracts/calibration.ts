import { z } from 'zod'
import { Fingerprint } from './fingerprint.ts'
import { Metric } from './metric.ts'
import { ScenarioSpec } from './scenario.ts'
import { SessionSpec } from './session.ts'

/** What a machine's own error looks like: the same commit measured on both sides. `tailgate calibrate` writes it. */
export const CALIBRATION_FORMAT = 'tailgate.calibration/1'

/** How long it takes to see a change on this machine. */
export const DetectableChange = z.strictObject({
  rounds: z.int().positive(),
  /** Both sides together, without restarts and warm-up. */
  measuringMs: z.number().positive(),
  /** Restarts and warm-up included. */
  wallMs: z.number().positive(),
  /** Smallest change seen with 80 % power: a ratio, or a share for `slow_share`. */
  change: z.number().positive()
})
export type DetectableChange = z.infer<typeof DetectableChange>

/**
 * Identical code in one metric, on the scale of the test: per round, ln(candidate / baseline) of latencies (of mean latencies
 * for `throughput`), the difference of shares for `slow_share`. More than zero: the candidate was slower.
 */
export const MetricCalibration = z.strictObject({
  metric: Metric,
  rounds: z.int().nonnegative(),
  /** Mean over the rounds. Zero, but for chance, on a machine that treats both sides alike. */
  bias: z.number(),
  biasPValue: z.number().min(0).max(1),
  /** Standard deviation between rounds. */
  roundSd: z.number().nonnegative(),
  /** The part of it that comes with each launch and stays however long a round is; null where it cannot be told from none. */
  launchSd: z.number().nonnegative().nullable(),
  /** Comparisons of identical code, and how many of them one uncorrected test at 5 % took for a difference. */
  comparisons: z.int().nonnegative(),
  falseAlarms: z.int().nonnegative(),
  detectable: z.array(DetectableChange).max(20)
})
export type MetricCalibration = z.infer<typeof MetricCalibration>

export const CaseCalibration = z.strictObject({
  caseId: z.string().max(500),
  modelSha256: z.string().regex(/^[0-9a-f]{64}$/),
  session: SessionSpec,
  scenario: ScenarioSpec,
  roundMs: z.number().positive(),
  /** Median of what a round takes beyond its measuring, restarts and warm-up, divided by the cases of the round. */
  overheadMs: z.number().nonnegative(),
  /** Measuring time per round that reaches a given certainty soonest [KaliberaJones2013]; null where it cannot be told. */
  recommendedRoundMs: z.number().positive().nullable(),
  metrics: z.array(MetricCalibration).max(20)
})
export type CaseCalibration = z.infer<typeof CaseCalibration>

export const Calibration = z.strictObject({
  format: z.literal(CALIBRATION_FORMAT),
  measuredAt: z.iso.datetime(),
  fingerprint: Fingerprint,
  /** `too_short`: fewer comparisons than a machine can be judged by. Verdicts of an `untrusted` one are downgraded. */
  trust: z.enum(['trusted', 'untrusted', 'too_short']),
  /** Why it is not trusted, one sentence each. */
  problems: z.array(z.string().max(500)).max(50),
  cases: z.array(CaseCalibration).max(1000)
})
export type Calibration = z.infer<typeof Calibration>

/** What a worker attaches to a result about its own error. Read from its own disk, never from a repository. */
export const WorkerCalibration = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('current'),
    measuredAt: Calibration.shape.measuredAt,
    trust: Calibration.shape.trust,
    problems: Calibration.shape.problems,
    /** No calibrated case is one of the job's (same model, session and scenario); `cases` then holds the built-in model's. */
    otherModel: z.boolean(),
    cases: Calibration.shape.cases
  }),
  /** The machine is no longer the one that was calibrated, so nothing of the calibration is used. */
  z.strictObject({
    status: z.literal('stale'),
    measuredAt: Calibration.shape.measuredAt,
    /** What differs, one phrase each: `onnxruntime was 1.29.0, is 1.30.0`. */
    changed: z.array(z.string().max(500)).min(1).max(20)
  })
])
export type WorkerCalibration = z.infer<typeof WorkerCalibration>
