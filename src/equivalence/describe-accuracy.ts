import type { AccuracyMetric } from '#contracts/accuracy.ts'
import type { AccuracyJudgement, AccuracyReason } from './judge-accuracy.ts'
import { countOf, formatDigits, formatShare, quote, type Sentence } from './sentence.ts'

const NAMES: Readonly<Record<AccuracyMetric, string>> = {
  top1: 'Top-1 accuracy',
  exact_match: 'The share of exact matches',
  mae: 'The mean absolute error',
  rmse: 'The root mean squared error'
}

/** An accuracy judgement in sentences: the numbers of both sides first, then what follows from them. */
export function describeAccuracy(judgement: AccuracyJudgement): readonly Sentence[] {
  const { verdict, metric, samples, baseline, candidate, reason } = judgement
  if (verdict === 'not_checked' || baseline === null || candidate === null) {
    return [reason === null ? ['Accuracy was not checked.'] : describeReason(reason)]
  }
  const format = isError(metric) ? formatDigits : formatShare
  const numbers = `${NAMES[metric]} on ${countOf(samples, 'labelled sample')}: ${format(baseline)} on the baseline, ${format(candidate)} on the candidate.`
  const sentences: Sentence[] = [[numbers], [describeDrop(judgement)]]
  return reason === null ? sentences : [...sentences, describeReason(reason)]
}

function describeDrop({ verdict, metric, drop, dropLowerBound, maxDrop }: AccuracyJudgement): string {
  const size = (amount: number) => (isError(metric) ? formatShare(amount) : points(amount))
  const allowed = `${size(maxDrop)} ${isError(metric) ? 'more' : 'less'} is allowed`
  const isWorse = drop !== null && drop > 0
  switch (verdict) {
    case 'passed':
      return isWorse ? `That is ${size(drop)} worse; ${allowed}.` : `That is not worse; ${allowed}.`
    case 'uncertain':
      return `That is ${size(drop ?? 0)} worse, where ${allowed}; but so few samples could say so by chance.`
    case 'dropped':
      return dropLowerBound === null
        ? `That fails: ${allowed}.`
        : `That is ${size(drop ?? 0)} worse, with 95 % confidence at least ${size(dropLowerBound)}; ${allowed}.`
    case 'not_checked':
      return 'Accuracy was not checked.'
    default:
      return verdict satisfies never
  }
}

function describeReason(reason: AccuracyReason): Sentence {
  switch (reason.kind) {
    case 'not_scored':
      return ['Accuracy was not checked: ', quote(reason.message)]
    case 'not_finite':
      return [
        `The candidate’s error is no finite number on ${countOf(reason.samples, 'sample')} where the baseline’s is one.`
      ]
    case 'too_few_samples':
      return [`There were too few samples to tell: ${reason.samples}.`]
    default:
      return reason satisfies never
  }
}

function isError(metric: AccuracyMetric): boolean {
  return metric === 'mae' || metric === 'rmse'
}

function points(share: number): string {
  const amount = formatDigits(share * 100, 3)
  return amount === '1' ? '1 percentage point' : `${amount} percentage points`
}
