import type { CaseComparison, MetricComparison } from '#stats/verdict.ts'
import { explainReason } from './explain-reason.ts'
import { explainStop } from './explain-stop.ts'
import { formatLimit } from './format-quantity.ts'
import { METRIC_NAMES, METRIC_ORDER } from './metric-rows.ts'
import { code, prose, type RichText } from './rich-text.ts'
import { isNewModel, type Judged, listUnmeasured } from './unmeasured.ts'

/** Most different things to do that are listed. */
const NEXT_STEPS_MAX = 5

/** Why measuring ended, then for each inconclusive case why, with the smallest change that the run could have seen. */
export function describeReasons({ comparison, measured }: Judged): readonly RichText[] {
  const open = comparison.cases.filter(({ verdict }) => verdict === 'inconclusive')
  const stops = open.flatMap(({ id, reason }) => explainStop(measured, id, reason)?.why ?? [])
  return [...[...new Set(stops)].map((why) => [why]), ...open.flatMap(describeCaseReasons)]
}

function describeCaseReasons({ id, reason, metrics }: CaseComparison): readonly RichText[] {
  const open = sortByName(metrics.filter(({ verdict }) => verdict === 'inconclusive'))
  if (open.length === 0) return [prose`${code(id)}: ${explainReason(reason).why}`]
  const byReason = new Map<string, MetricComparison[]>()
  for (const metric of open) {
    const { why } = explainReason(metric.reason ?? reason)
    byReason.set(why, [...(byReason.get(why) ?? []), metric])
  }
  return [...byReason].map(([why, group]) => {
    const names = group.map(({ metric }) => METRIC_NAMES[metric]).join(', ')
    return prose`${code(id)}, ${names}: ${why}${describeDetectable(group)}`
  })
}

function sortByName(metrics: readonly MetricComparison[]): readonly MetricComparison[] {
  return [...metrics].sort((a, b) => METRIC_ORDER.indexOf(a.metric) - METRIC_ORDER.indexOf(b.metric))
}

/** ` The smallest change that this run could have seen: p50 3.1 %, p95 6 %.` */
function describeDetectable(metrics: readonly MetricComparison[]): string {
  const seen = metrics.flatMap(({ metric, unit, smallestDetectableChange }) =>
    smallestDetectableChange === null
      ? []
      : [`${METRIC_NAMES[metric]} ${formatLimit({ threshold: roundToTenth(smallestDetectableChange), unit })}`]
  )
  return seen.length === 0 ? '' : ` The smallest change that this run could have seen: ${seen.join(', ')}.`
}

/** Ratios to tenths of a percent, upwards: a promise of what would have been seen must not be rounded down. */
function roundToTenth(ratio: number): number {
  return Math.ceil(ratio * 1000 - 1e-9) / 1000
}

const CHANGE = 'what this change does to the slow cases'

/** What to do now, in words, for a judged run. `reproducible` tells that the report holds the command. */
export function describeNextSteps(outcome: Judged, reproducible: boolean): readonly RichText[] {
  const { cases, verdict } = outcome.comparison
  const steps: RichText[] = []
  if (listUnmeasured(outcome).some((item) => !isNewModel(item))) {
    steps.push(['Fix what kept the cases above from being measured, or push again; then the check runs again.'])
  }
  if (verdict === 'regression' || verdict === 'mixed') {
    steps.push(
      [`${reproducible ? 'Repeat the comparison locally with the command below, then look' : 'Look'} at ${CHANGE}.`],
      ['If the slowdown is intended, raise the limit on the base branch in a pull request of its own.']
    )
  }
  const reasons = cases
    .filter((item) => item.verdict === 'inconclusive')
    .flatMap((item) => listOpenSteps(item, outcome.measured))
  for (const next of new Set(reasons)) steps.push([next])
  if (steps.length === 0) steps.push(['Nothing to do.'])
  return steps.slice(0, NEXT_STEPS_MAX)
}

function listOpenSteps(
  { id, reason, metrics, errors }: CaseComparison,
  measured: Judged['measured']
): readonly string[] {
  if (reason?.kind === 'error_rates_differ' && errors.candidate < errors.baseline) return [REPAIRS]
  const open = metrics.filter((metric) => metric.verdict === 'inconclusive')
  const reasons = open.length === 0 ? [reason] : open.map((metric) => metric.reason ?? reason)
  return reasons.map((item) => explainStop(measured, id, item)?.next ?? explainReason(item).next)
}

/** The baseline is the side that fails. */
const REPAIRS = 'The change repairs failing requests, so there is no speed to compare with: decide by reading it.'
