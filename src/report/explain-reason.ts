import type { InconclusiveReason } from '#stats/verdict.ts'
import { formatCount, formatLatency, formatPlural } from './format-quantity.ts'
import { code, prose, type RichText } from './rich-text.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

/** A few words for a table cell. Our own words and numbers only. */
export function nameReason(reason: InconclusiveReason | null): string {
  switch (reason?.kind) {
    case undefined:
      return 'no reason given'
    case 'straddles_margin':
      return 'interval crosses the limit'
    case 'not_significant':
      return `not certain enough among ${reason.comparisons} comparisons`
    case 'too_few_rounds':
      return `${reason.rounds} of ${reason.needed} rounds`
    case 'too_few_requests':
      return 'too few requests'
    case 'rounds_dropped':
      return `${reason.dropped} of ${reason.rounds} rounds dropped`
    case 'arrivals_late':
      return `${reason.dropped} of ${reason.rounds} rounds invalid: requests sent late`
    case 'objective_never_kept':
      return 'too slow at every rate'
    case 'not_recorded':
      return 'not recorded'
    case 'error_rates_differ':
      return 'error rates differ'
    case 'below_absolute_floor':
      return 'below the floor'
    case 'out_of_time':
      return 'out of time'
    case 'out_of_range':
      return 'numbers too large'
    case 'not_steady':
      return 'not steady'
    case 'untrusted_worker':
      return 'machine not trusted'
    case 'environment':
      return `machine disturbed in ${reason.rounds} of ${reason.ofRounds} rounds`
    default:
      return reason satisfies never
  }
}

/** Why something could not be called, as a clause that stands after a colon or a semicolon. */
export function explainReason(reason: InconclusiveReason | null): RichText {
  switch (reason?.kind) {
    case undefined:
      return ['no reason was given']
    case 'straddles_margin':
      return ['the interval reaches across the limit']
    case 'not_significant':
      return [`too uncertain for one of ${formatPlural(reason.comparisons, 'comparison')} in this run`]
    case 'too_few_rounds':
      return [`${formatPlural(reason.rounds, 'usable round')}, ${formatCount(reason.needed)} needed`]
    case 'too_few_requests':
      return [
        `${formatPlural(Math.floor(reason.requestsPerRound), 'request')} per round, ${formatCount(reason.needed)} needed`
      ]
    case 'rounds_dropped':
      return [`${reason.dropped} of ${formatPlural(reason.rounds, 'round')} had to be dropped`]
    case 'arrivals_late':
      return [
        `in ${reason.dropped} of ${formatPlural(reason.rounds, 'round')} the machine was late with too many requests, so what they waited says nothing`
      ]
    case 'objective_never_kept':
      return ['neither side keeps the latency objective at any rate that was offered']
    case 'not_recorded':
      return ['the numbers that it needs were not recorded']
    case 'error_rates_differ':
      return [`the two sides fail different shares of their requests (${formatPValue(reason.pValue)})`]
    case 'below_absolute_floor':
      return [`the difference is smaller than ${formatLatency(reason.floorNs)}, too little for a clock to tell`]
    case 'out_of_time':
      return ['the time limit of the job came before a decision']
    case 'out_of_range':
      return ['the latencies are too large to be added up']
    case 'not_steady':
      return [`the difference drifted within the rounds (${formatPValue(reason.pValue)}), so a side was not warm`]
    case 'untrusted_worker':
      return prose`this machine failed its calibration: ${proseFromUntrusted(reason.problem.replace(/[.\s]+$/u, ''))}`
    case 'environment':
      return [`in ${reason.rounds} of ${formatPlural(reason.ofRounds, 'round')} ${DISTURBANCES[reason.cause]}`]
    default:
      return reason satisfies never
  }
}

type Disturbance = Extract<InconclusiveReason, { kind: 'environment' }>['cause']

const DISTURBANCES: Readonly<Record<Disturbance, string>> = {
  rounds_discarded: 'the GPU was slowed down or clocked differently for the two sides',
  steal: 'the machine’s host gave its time to others',
  throttled: 'a CPU quota stopped the processes'
}

const DISTURBANCE_ADVICE: Readonly<Record<Disturbance, string>> = {
  rounds_discarded: 'Cool the GPU or lock its clocks, then re-run the check.',
  steal: 'Use a machine that shares its processor with nobody, then re-run the check.',
  throttled: 'Raise or remove the CPU quota of the worker, then re-run the check.'
}

const RERUN = 'Measure again (re-run the check), best while nothing else uses the machine.'

/** What somebody can do about a reason, in one or two sentences. */
export function adviseOnReason(reason: InconclusiveReason | null): RichText {
  switch (reason?.kind) {
    case undefined:
      return [RERUN]
    case 'straddles_margin':
      return [`${RERUN} If it stays like this, allow more measuring time or a wider limit on the base branch.`]
    case 'not_significant':
      return [`${RERUN} More measuring time or fewer cases make it certain either way.`]
    case 'too_few_rounds':
      return [`${RERUN} If it stays like this, raise the time limit of the job on the base branch.`]
    case 'too_few_requests':
      return ['Give each round more measuring time on the base branch, or measure a smaller input.']
    case 'rounds_dropped':
      return ['Keep other work off the machine while it measures, then re-run the check.']
    case 'arrivals_late':
      return ['Keep other work off the machine while it measures, or offer fewer requests per second.']
    case 'objective_never_kept':
      return ['Start the ramp at a lower rate, or allow more latency, on the base branch.']
    case 'not_recorded':
      return ['Record the series of the scenario with every block.']
    case 'error_rates_differ':
      return ['Fix the failing requests first.']
    case 'below_absolute_floor':
      return ['Measure more work per request: a larger input or a batch.']
    case 'out_of_time':
      return ['Raise the time limit of the job on the base branch, or measure fewer cases.']
    case 'out_of_range':
      return ['Check what was recorded: latencies are nanoseconds, and no request takes as long as these.']
    case 'not_steady':
      return prose`Give the warm-up more time (${code('measuring.warm_up_seconds')} on the base branch), then measure again.`
    case 'untrusted_worker':
      return prose`Make the machine quieter, calibrate it again with ${code('tailgate calibrate')}, then re-run the check.`
    case 'environment':
      return [DISTURBANCE_ADVICE[reason.cause]]
    default:
      return reason satisfies never
  }
}

/** `p = 0.0012`, `p below 0.0001`: two digits, and no row of zeros. */
function formatPValue(pValue: number): string {
  if (Number.isNaN(pValue)) return 'p unknown'
  return pValue < 0.0001 ? 'p below 0.0001' : `p = ${Number(pValue.toPrecision(2))}`
}
