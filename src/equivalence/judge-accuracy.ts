import tQuantile from '@stdlib/stats-base-dists-t-quantile'
import type { AccuracyFacts, AccuracyMetric, AccuracyPolicy } from '#contracts/accuracy.ts'
import { clopperPearson, mcnemarPValue } from './exact-bounds.ts'

/** `dropped` fails; `uncertain`: worse than allowed, but not with confidence, so it is only reported. */
export type AccuracyVerdict = 'passed' | 'dropped' | 'uncertain' | 'not_checked'

/** A bound on the drop is wrong with this probability at most. */
const ACCURACY_ERROR = 0.05

export interface AccuracyJudgement {
  readonly verdict: AccuracyVerdict
  readonly metric: AccuracyMetric
  readonly samples: number
  /** Share of right answers, or the error; null where nothing was scored. */
  readonly baseline: number | null
  readonly candidate: number | null
  /** How much worse the candidate is: a difference of shares, or a ratio of errors minus one. Below zero: better. */
  readonly drop: number | null
  /** The drop is at least this, with 95 % confidence; null where that cannot be told. */
  readonly dropLowerBound: number | null
  readonly maxDrop: number
  /** One-sided, that the candidate is not worse at all (McNemar's exact test); null for errors. */
  readonly pValue: number | null
  readonly reason: AccuracyReason | null
}

export type AccuracyReason =
  | { readonly kind: 'not_scored'; readonly message: string }
  /** Samples whose error is a number on the baseline only. */
  | { readonly kind: 'not_finite'; readonly samples: number }
  | { readonly kind: 'too_few_samples'; readonly samples: number }

type Answers = Extract<AccuracyFacts, { kind: 'answers' }>
type Losses = Extract<AccuracyFacts, { kind: 'losses' }>

/** Judges whether the candidate is less accurate than the policy allows. docs/correctness.md "Accuracy". */
export function judgeAccuracy(policy: AccuracyPolicy, facts: AccuracyFacts | null): AccuracyJudgement {
  switch (facts?.kind) {
    case undefined:
      return notChecked(policy, {
        kind: 'not_scored',
        message: 'The worker that measured this does not score samples.'
      })
    case 'not_scored':
      return notChecked(policy, { kind: 'not_scored', message: facts.message })
    case 'answers':
      return judgeAnswers(policy, facts)
    case 'losses':
      return judgeLosses(policy, facts)
    default:
      return facts satisfies never
  }
}

/**
 * The drop is the share of items that the sides disagree on, times how much more often the candidate is the one that errs.
 * Each factor gets an exact bound at half the error (Clopper–Pearson; the second is McNemar's test turned around), so that
 * their product is a bound whatever the true shares. With `maxDrop: 0` this is McNemar's exact test at 5 %, two-sided.
 */
function judgeAnswers(policy: AccuracyPolicy, facts: Answers): AccuracyJudgement {
  const { onlyBaselineRight, onlyCandidateRight, bothRight, bothWrong } = facts
  const discordant = onlyBaselineRight + onlyCandidateRight
  const items = discordant + bothRight + bothWrong
  if (items === 0) return notChecked(policy, { kind: 'too_few_samples', samples: 0 })
  const confidence = 1 - ACCURACY_ERROR
  const disagreement = clopperPearson(discordant, items, confidence).lower
  const blame = clopperPearson(onlyBaselineRight, discordant, confidence).lower
  const drop = (onlyBaselineRight - onlyCandidateRight) / items
  const dropLowerBound = blame > 0.5 ? disagreement * (2 * blame - 1) : null
  return {
    verdict: decide(drop, dropLowerBound, policy.maxDrop),
    metric: policy.metric,
    samples: facts.samples,
    baseline: (bothRight + onlyBaselineRight) / items,
    candidate: (bothRight + onlyCandidateRight) / items,
    drop,
    dropLowerBound,
    maxDrop: policy.maxDrop,
    pValue: mcnemarPValue(onlyBaselineRight, onlyCandidateRight),
    reason: null
  }
}

/**
 * Paired t bound: the candidate's mean loss is beyond (1 + maxDrop) times the baseline's when the mean of
 * candidate − factor · baseline over the samples is above zero. Of squared errors the factor is squared.
 */
function judgeLosses(policy: AccuracyPolicy, facts: Losses): AccuracyJudgement {
  const { samples, notFinite } = facts
  const root = (loss: number) => (policy.metric === 'rmse' ? Math.sqrt(loss) : loss)
  const baseline = root(facts.baselineMean)
  const candidate = root(facts.candidateMean)
  const drop = samples === 0 ? null : relativeRise(baseline, candidate)
  const scored = { metric: policy.metric, samples, baseline, candidate, drop, maxDrop: policy.maxDrop, pValue: null }
  if (notFinite.candidate > 0) {
    const reason = { kind: 'not_finite', samples: notFinite.candidate } as const
    return { ...scored, verdict: 'dropped', dropLowerBound: null, reason }
  }
  if (drop === null) return notChecked(policy, { kind: 'too_few_samples', samples })
  const isBeyond = drop > policy.maxDrop
  if (samples < 2) {
    const reason = { kind: 'too_few_samples', samples } as const
    return { ...scored, verdict: isBeyond ? 'uncertain' : 'passed', dropLowerBound: null, reason }
  }
  const dropLowerBound = boundRise(policy, facts)
  return { ...scored, verdict: decide(drop, dropLowerBound, policy.maxDrop), dropLowerBound, reason: null }
}

/** Largest rise that the t test rejects, by bisection on the factor (Fieller's bound); null where it rejects none. */
function boundRise(policy: AccuracyPolicy, facts: Losses): number | null {
  const power = policy.metric === 'rmse' ? 2 : 1
  const quantile = tQuantile(1 - ACCURACY_ERROR, facts.samples - 1)
  const isRejected = (rise: number) => {
    const factor = (1 + rise) ** power
    const mean = facts.candidateMean - factor * facts.baselineMean
    const { baselineVariance, candidateVariance, covariance } = facts
    const variance = candidateVariance + factor * factor * baselineVariance - 2 * factor * covariance
    // Rounding leaves a little of a variance that is zero.
    const floor = (candidateVariance + factor * factor * baselineVariance) * 1e-12
    return mean > quantile * Math.sqrt(Math.max(variance, floor) / facts.samples)
  }
  if (!isRejected(0)) return isRejected(-1) ? bisect(isRejected, -1, 0) : null
  return isRejected(MAX_RISE) ? MAX_RISE : bisect(isRejected, 0, MAX_RISE)
}

/** Rises beyond this are not told apart. */
const MAX_RISE = 1e6

function bisect(isRejected: (rise: number) => boolean, rejected: number, kept: number): number {
  let low = rejected
  let high = kept
  for (let halving = 0; halving < 100; halving += 1) {
    const middle = (low + high) / 2
    if (isRejected(middle)) low = middle
    else high = middle
  }
  return low
}

/** A perfect baseline makes any error an endless rise. */
function relativeRise(baseline: number, candidate: number): number {
  if (baseline === 0) return candidate === 0 ? 0 : MAX_RISE
  return Math.min(candidate / baseline - 1, MAX_RISE)
}

function decide(drop: number, dropLowerBound: number | null, maxDrop: number): AccuracyVerdict {
  if (dropLowerBound !== null && dropLowerBound > maxDrop) return 'dropped'
  return drop > maxDrop ? 'uncertain' : 'passed'
}

function notChecked({ metric, maxDrop }: AccuracyPolicy, reason: AccuracyReason): AccuracyJudgement {
  return {
    verdict: 'not_checked',
    metric,
    samples: 0,
    baseline: null,
    candidate: null,
    drop: null,
    dropLowerBound: null,
    maxDrop,
    pValue: null,
    reason
  }
}
