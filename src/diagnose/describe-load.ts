import { METRIC_FACTS } from '#contracts/metric.ts'
import { BUDGET_FACTS } from '#src/budgets/budget-facts.ts'
import { countOf, formatShare } from '#src/equivalence/sentence.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import type { ChangedPhase, ErrorCounts, Finding, JudgedChange, PerBound } from './diagnosis.ts'
import { formatPoints, formatRange, formatRatio, formatTime } from './format-quantity.ts'

export type LoadFinding = Extract<
  Finding,
  {
    kind:
      | 'errors_climb'
      | 'errors_under_load'
      | 'single_request_over_budget'
      | 'over_budget_only_under_load'
      | 'tail_only'
      | 'waiting'
      | 'service_time'
      | 'grows_with_concurrency'
      | 'every_request'
      | 'load_only'
      | 'steady_only'
      | 'load_and_steady'
      | 'start_phases'
  }
>

const PHASE_NAMES: Readonly<Record<ChangedPhase['phase'], string>> = {
  process: 'starting the process',
  require: 'loading the engine',
  create: 'creating the session',
  first: 'the first inference'
}

/** One or two sentences of our own words. */
export function describeLoad(finding: LoadFinding): string {
  switch (finding.kind) {
    case 'errors_climb':
      return describeErrors(finding.counts)
    case 'errors_under_load':
      return `It does so from ${finding.ratePerS.toLocaleString('en-US')} requests per second on, and at no lower rate: there ${formatShare(finding.failedShares.candidate)} fail, ${formatShare(finding.failedShares.baseline)} did.`
    case 'single_request_over_budget':
      return `A single request that waits for no other is over the budget already: its median is ${describeBounds(finding.alone)}, ${BUDGET_FACTS[finding.budget.name].subject} may be ${formatTime(finding.budget.limitNs)}. So it is not the load.`
    case 'over_budget_only_under_load':
      return `A single request that waits for no other keeps the budget of ${formatTime(finding.budget.limitNs)} (its median is ${describeBounds(finding.alone)}); under this load ${BUDGET_FACTS[finding.budget.name].subject} does not.`
    case 'tail_only':
      return describeTail(finding)
    case 'waiting':
      return `Requests are served as fast as before (${describeInterval(finding.service)}); what changed is how long they wait: ${describeQueue(finding.queueP95Ns)}.`
    case 'service_time':
      return `Serving a request takes ${describeChange(finding.service)}${finding.queueP95Ns === null ? '' : `; waiting comes on top: ${describeQueue(finding.queueP95Ns)}`}.`
    default:
      return describeScope(finding)
  }
}

type ScopeFinding = Extract<
  LoadFinding,
  {
    kind: 'grows_with_concurrency' | 'every_request' | 'load_only' | 'steady_only' | 'load_and_steady' | 'start_phases'
  }
>

function describeScope(finding: ScopeFinding): string {
  switch (finding.kind) {
    case 'grows_with_concurrency':
      return `The change grows with concurrency: requests that run together take ${describeChange(finding.together)}, one alone ${describeChange(finding.alone)}.`
    case 'every_request':
      return `Every request changed, alone too: ${describeChange(finding.alone)} alone, ${describeChange(finding.together)} together.`
    case 'load_only':
      return `It sits in starting up: the time until the first answer is ${describeChange(finding.ready)}, and requests after that are unchanged (${describeInterval(finding.steady)}).`
    case 'steady_only':
      return `It sits in answering requests, not in loading: the time until the first answer is unchanged (${describeInterval(finding.ready)}).`
    case 'load_and_steady':
      return `Both starting up and answering changed: until the first answer ${describeChange(finding.ready)}, requests after that ${describeChange(finding.steady)}.`
    case 'start_phases':
      return `Of the start, ${finding.phases.map(describePhase).join('; ')}.`
    default:
      return finding satisfies never
  }
}

function describeErrors({ baseline, candidate }: ErrorCounts): string {
  const share = ({ failed, requests }: ErrorCounts['baseline']) => formatShare(requests === 0 ? 0 : failed / requests)
  return `Errors climb: ${countOf(candidate.failed, 'request')} of the candidate failed (${share(candidate)}), ${baseline.failed.toLocaleString('en-US')} of the baseline (${share(baseline)}).`
}

function describeTail({ typical, tail }: Extract<LoadFinding, { kind: 'tail_only' }>): string {
  const moved = tail.map((change) => `${METRIC_FACTS[change.metric].label} ${describeChange(change)}`).join(', ')
  return `The typical request is unchanged (${describeInterval(typical)}), the slow ones are not: ${moved}. So it is not more work in every request; these measurements do not tell interruptions, such as garbage collection, from waiting and cold caches.`
}

function describePhase({ phase, levelsNs, differenceNs }: ChangedPhase): string {
  const word = differenceNs.value > 0 ? 'longer' : 'shorter'
  return `${PHASE_NAMES[phase]} takes ${formatTime(differenceNs.value)} ${word} (${formatTime(levelsNs.candidate)} instead of ${formatTime(levelsNs.baseline)})`
}

function describeQueue({ baseline, candidate }: PerSide<number>): string {
  return `the p95 of the wait is ${formatTime(candidate)}, was ${formatTime(baseline)}`
}

function describeBounds({ low, high }: PerBound): string {
  return `${formatTime(low)} to ${formatTime(high)}`
}

/** `12 % longer (+10 % to +14 %)`, or more and fewer for what is no time. */
function describeChange({ metric, change, interval }: JudgedChange): string {
  if (METRIC_FACTS[metric].change === 'difference') return formatPoints(interval)
  const words = METRIC_FACTS[metric].unit === 'ns' ? (['longer', 'shorter'] as const) : (['more', 'less'] as const)
  return `${formatRatio(change)} ${change < 0 ? words[1] : words[0]} (${formatRange(interval)})`
}

function describeInterval({ interval }: JudgedChange): string {
  return formatRange(interval)
}
