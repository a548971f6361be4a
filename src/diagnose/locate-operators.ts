import { METRIC_FACTS, type Metric } from '#contracts/metric.ts'
import type { DiagnosisEvidence, Finding, JudgedChange } from './diagnosis.ts'
import type { OperatorTimeDiff } from './diff-operator-times.ts'
import { listMoved } from './judged-change.ts'

/** What a profile says nothing about: it runs one request after the other, in a session that is loaded. */
const NOT_OF_REQUESTS: ReadonlySet<Metric> = new Set(['ready', 'memory', 'memory_growth', 'latency_drift'])

/** Where in a request the change sits, from the profiles and the placement. */
export function locateOperators({ comparison, placement, operators }: DiagnosisEvidence): Finding[] {
  const moved = listMoved(comparison).filter(({ metric }) => !NOT_OF_REQUESTS.has(metric))
  const placed: Finding[] =
    placement === null || placement.moves.length === 0 ? [] : [{ kind: 'placement_changed', diff: placement }]
  if (operators === null || moved.length === 0) return placed
  return [...placed, ...judgeOperators(operators, directionOf(moved)), ...judgeBinding(operators)]
}

function judgeOperators(diff: OperatorTimeDiff, direction: number): Finding[] {
  if (diff.run.standsOut && Math.sign(diff.run.changeNs) !== direction) return [{ kind: 'profile_disagrees', diff }]
  if (diff.contributors.length > 0) return [{ kind: 'operators_changed', diff }]
  return diff.run.standsOut ? [] : [{ kind: 'operators_alike', diff }]
}

/** More than zero when the first metric that moved got worse. */
function directionOf([first]: readonly JudgedChange[]): number {
  if (first === undefined) return 0
  return Math.sign(first.change) * (METRIC_FACTS[first.metric].better === 'lower' ? 1 : -1)
}

function judgeBinding({ binding, run }: OperatorTimeDiff): Finding[] {
  if (binding === null || !binding.standsOut) return []
  const shareOfCall = Math.abs(binding.changeNs) / (run.ns.baseline + binding.ns.baseline)
  return shareOfCall < MIN_SHARE_OF_CALL ? [] : [{ kind: 'binding_changed', binding, shareOfCall }]
}

/** Less of the whole call than this is not worth telling. */
const MIN_SHARE_OF_CALL = 0.01
