import type { Metric } from '#contracts/metric.ts'
import type { ScenarioKind } from '#contracts/scenario.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import type { DiagnosisEvidence, Finding, JudgedChange, PerBound } from './diagnosis.ts'
import { findJudged, isMove, type JudgedMetric, listMoved } from './judged-change.ts'

/** Scenarios in which requests wait for each other. */
const LOADED: readonly ScenarioKind[] = ['server', 'burst', 'ramp', 'multi_stream']
/** Those that tell how long a request takes that runs beside others. The p50 of a ramp has its waiting in it. */
const TOGETHER: readonly ScenarioKind[] = ['server', 'burst', 'multi_stream']
const OPEN_LOOP: readonly ScenarioKind[] = ['server', 'burst']
/** What tells of the slow requests, by what tells of the typical one. */
const TAILS: readonly { readonly typical: Metric; readonly tail: readonly Metric[] }[] = [
  { typical: 'p50', tail: ['p95', 'p99', 'slow_share'] },
  { typical: 'itl', tail: ['itl_p95'] }
]

/** The typical request stayed as it was, which is proved and not only unproved, and slow ones did not. */
export function locateTail(comparison: CaseComparison): Finding[] {
  return TAILS.flatMap(({ typical, tail }): Finding[] => {
    const middle = findJudged(comparison, typical)
    const moved = listMoved(comparison).filter(({ metric }) => tail.includes(metric))
    if (middle?.verdict !== 'unchanged' || moved.length === 0) return []
    return [{ kind: 'tail_only', typical: middle.change, tail: moved }]
  })
}

/** Whether requests are served slower or wait longer; only open loops tell. */
export function locateWaiting(comparison: CaseComparison): Finding[] {
  const { scenario } = comparison
  const service = findJudged(comparison, 'service_p50')
  if (scenario === undefined || !OPEN_LOOP.includes(scenario) || service === null) return []
  const queueP95Ns = queueOf(comparison)
  if (isMove(service.verdict)) return [{ kind: 'service_time', service: service.change, queueP95Ns }]
  const moved = listMoved(comparison).find(({ metric }) => ['p50', 'p95', 'p99'].includes(metric))
  if (service.verdict !== 'unchanged' || moved === undefined || queueP95Ns === null) return []
  const sameDirection = Math.sign(queueP95Ns.candidate - queueP95Ns.baseline) === Math.sign(moved.change)
  return sameDirection ? [{ kind: 'waiting', service: service.change, queueP95Ns }] : []
}

function queueOf({ facts }: CaseComparison): PerSide<number> | null {
  if (facts?.kind !== 'open_loop') return null
  const { baseline, candidate } = facts.sides
  if (baseline.queue === null || candidate.queue === null) return null
  return { baseline: baseline.queue.p95, candidate: candidate.queue.p95 }
}

/**
 * Whether a request alone changed as much as those that run together. Told only where the intervals decide it: apart from
 * each other, or overlapping and both beyond zero. Under an open loop times of service are compared, because waiting makes
 * more of the same change.
 */
export function locateConcurrency({ comparison, related }: DiagnosisEvidence): Finding[] {
  if (!isAlone(comparison) && !isTogether(comparison)) return []
  const cases = [comparison, ...related]
  const alone = firstJudged(cases.filter(isAlone))
  const together = firstJudged(cases.filter(isTogether))
  if (alone === null || together === null) return []
  const direction = Math.sign(isMove(together.verdict) ? together.change.change : alone.change.change)
  const [one, many] = [directed(alone.change, direction), directed(together.change, direction)]
  const found = { alone: alone.change, together: together.change }
  if (isMove(together.verdict) && many.low > one.high) return [{ kind: 'grows_with_concurrency', ...found }]
  if (isMove(alone.verdict) && one.low > 0 && many.low > 0 && many.high >= one.low) {
    return [{ kind: 'every_request', ...found }]
  }
  return []
}

function isAlone({ scenario }: CaseComparison): boolean {
  return scenario === undefined || scenario === 'single_stream'
}

function isTogether({ scenario }: CaseComparison): boolean {
  return scenario !== undefined && TOGETHER.includes(scenario)
}

function firstJudged(cases: readonly CaseComparison[]): JudgedMetric | null {
  for (const comparison of cases) {
    const isOpen = comparison.scenario !== undefined && OPEN_LOOP.includes(comparison.scenario)
    const judged = findJudged(comparison, isOpen ? 'service_p50' : 'p50')
    if (judged !== null) return judged
  }
  return null
}

/** The interval as if the change were a slowdown. */
function directed({ interval: [low, high] }: JudgedChange, direction: number): PerBound {
  return direction < 0 ? { low: -high, high: -low } : { low, high }
}

/** Whether one request alone breaks the budget: by the same bounds that judge the budget. Undecided, nothing is said. */
export function locateBudgets({ comparison, brokenBudgets }: DiagnosisEvidence): Finding[] {
  const isLoaded = comparison.scenario !== undefined && LOADED.includes(comparison.scenario)
  return brokenBudgets.flatMap((budget): Finding[] => {
    const { alone } = budget
    if (alone?.verdict === 'broken') return [{ kind: 'single_request_over_budget', budget, alone }]
    if (isLoaded && alone?.verdict === 'kept') return [{ kind: 'over_budget_only_under_load', budget, alone }]
    return []
  })
}
