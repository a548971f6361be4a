import { z } from 'zod'
import { RepositoryPath } from './identifiers.ts'
import { RecordedFile } from './inputs.ts'

/** The optional accuracy check: labelled samples through both sides. docs/correctness.md "Accuracy". */

/**
 * `top1`: share of rows whose largest element is the labelled one. `exact_match`: share of samples that equal their label.
 * `mae` and `rmse`: mean absolute and root mean squared error.
 */
export const AccuracyMetric = z.enum(['top1', 'exact_match', 'mae', 'rmse'])
export type AccuracyMetric = z.infer<typeof AccuracyMetric>

/** Comes from the base branch, and so do the files that it names. */
export const AccuracyPolicy = z.strictObject({
  metric: AccuracyMetric,
  /** The output that is scored. Null: the only one. */
  output: z.string().max(500).nullable(),
  samples: z.array(RecordedFile).min(1).max(1024),
  /** A JSON list with one label per sample. */
  labels: RepositoryPath,
  /** How much worse the candidate may be: a difference of shares for `top1` and `exact_match`, a ratio for errors. */
  maxDrop: z.number().min(0).max(1).default(0.01)
})
export type AccuracyPolicy = z.infer<typeof AccuracyPolicy>

const Count = z.int().nonnegative()

/** What a worker found; judged by src/equivalence/judge-accuracy.ts. */
export const AccuracyFacts = z.discriminatedUnion('kind', [
  /** Of `top1` and `exact_match`: items are rows, or samples. */
  z.strictObject({
    kind: z.literal('answers'),
    samples: Count,
    bothRight: Count,
    onlyBaselineRight: Count,
    onlyCandidateRight: Count,
    bothWrong: Count
  }),
  /** Of `mae` and `rmse`: moments of the samples' mean absolute or mean squared errors. */
  z.strictObject({
    kind: z.literal('losses'),
    samples: Count,
    baselineMean: z.number().nonnegative(),
    candidateMean: z.number().nonnegative(),
    /** Divided by samples − 1; zero for one sample. */
    baselineVariance: z.number().nonnegative(),
    candidateVariance: z.number().nonnegative(),
    covariance: z.number(),
    /** Samples left out, because the error of this side is not a finite number and that of the other is; or neither is. */
    notFinite: z.strictObject({ baseline: Count, candidate: Count, both: Count })
  }),
  z.strictObject({ kind: z.literal('not_scored'), message: z.string().max(4000) })
])
export type AccuracyFacts = z.infer<typeof AccuracyFacts>
