import type { InconclusiveReason } from '#stats/verdict.ts'
import { formatCount, formatLatency, formatPlural } from './format-quantity.ts'

/** Why something could not be called, at three lengths. Our own words and numbers only. */
export interface ReasonText {
  /** For a table cell. */
  readonly short: string
  /** One sentence. */
  readonly why: string
  /** What somebody can do about it. */
  readonly next: string
}

const RERUN = 'Measure again (re-run the check), best while nothing else uses the machine.'

/** Puts a reason into words. Null is a reason that was not given. */
export function explainReason(reason: InconclusiveReason | null): ReasonText {
  if (reason === null) return { short: 'no reason given', why: 'No reason was given.', next: RERUN }
  switch (reason.kind) {
    case 'straddles_margin':
      return {
        short: 'interval crosses the limit',
        why: 'The interval reaches across the limit: the change may be within it or beyond it.',
        next: `${RERUN} If it stays like this, allow more measuring time or a wider limit on the base branch.`
      }
    case 'not_significant':
      return {
        short: `not certain enough among ${reason.comparisons} comparisons`,
        why: `The change is beyond the limit, but too uncertain as one of ${reason.comparisons} comparisons in this run.`,
        next: `${RERUN} More measuring time or fewer cases make it certain either way.`
      }
    case 'too_few_rounds':
      return {
        short: `${reason.rounds} of ${reason.needed} rounds`,
        why: `${formatPlural(reason.rounds, 'round')} could be used; ${reason.needed} are needed.`,
        next: `${RERUN} If it stays like this, raise the time limit of the job on the base branch.`
      }
    case 'too_few_requests':
      return {
        short: 'too few requests',
        why: `A round held ${formatCount(Math.round(reason.requestsPerRound))} requests per side; ${formatCount(reason.needed)} are needed.`,
        next: 'Give each round more measuring time on the base branch, or measure a smaller input.'
      }
    case 'rounds_dropped':
      return {
        short: `${reason.dropped} of ${reason.rounds} rounds dropped`,
        why: `${reason.dropped} of ${formatPlural(reason.rounds, 'round')} had to be dropped because the machine was disturbed.`,
        next: 'Keep other work off the machine while it measures, then re-run the check.'
      }
    case 'error_rates_differ':
      return {
        short: 'error rates differ',
        why: `The two sides failed different shares of their requests (p = ${reason.pValue.toPrecision(2)}), so their speed cannot be compared.`,
        next: 'Fix the failing requests first.'
      }
    case 'below_absolute_floor':
      return {
        short: 'below the floor',
        why: `The difference is smaller than ${formatLatency(reason.floorNs)}, which this machine cannot tell apart.`,
        next: 'Measure more work per request: a larger input or a batch.'
      }
    case 'out_of_time':
      return {
        short: 'out of time',
        why: 'The time limit of the job came before a decision.',
        next: 'Raise the time limit of the job on the base branch, or measure fewer cases.'
      }
    case 'not_steady':
      return {
        short: 'not steady',
        why: `The difference between the two sides drifted within the rounds (p = ${reason.pValue.toPrecision(2)}), so one of them was still warming up.`,
        next: 'Give the warm-up more time on the base branch (measuring.warm_up_seconds).'
      }
    case 'untrusted_worker':
      return {
        short: 'worker not trusted',
        why: `The worker failed its own calibration: ${reason.problem}`,
        next: 'Make the worker quieter, calibrate it again with `tailgate calibrate`, then re-run the check.'
      }
    default:
      return reason satisfies never
  }
}
