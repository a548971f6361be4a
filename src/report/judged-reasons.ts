import type { CaseComparison } from '#stats/verdict.ts'
import { adviseOnChecks } from './advise-on-checks.ts'
import { toPlainText } from './clean-text.ts'
import { adviseOnReason, explainReason } from './explain-reason.ts'
import { explainStop } from './explain-stop.ts'
import { adviseOnNeeded, describeNeeded } from './needed-measuring.ts'
import { code, prose, type RichText } from './rich-text.ts'
import { isNewModel, type Judged, listUnmeasured } from './unmeasured.ts'

/** Most different things to do that are listed. */
const NEXT_STEPS_MAX = 5

/**
 * Why measuring ended, then for each inconclusive case what its metrics' own sentences do not say: a reason that kept all
 * of them from being estimated, and how much more measuring would do.
 */
export function describeReasons({ comparison, measured }: Judged): readonly RichText[] {
  const open = listOpen(comparison.cases)
  const stops = open.flatMap(({ id, reason }) => explainStop(measured, id, reason)?.why ?? [])
  return [
    ...[...new Set(stops)].map((why) => [why]),
    ...open.flatMap(describeCaseReason),
    ...open.flatMap(describeNeeded)
  ]
}

function listOpen(cases: readonly CaseComparison[]): readonly CaseComparison[] {
  return cases.filter(({ verdict }) => verdict === 'inconclusive')
}

function describeCaseReason({ id, reason, metrics }: CaseComparison): readonly RichText[] {
  const open = metrics.filter(({ verdict }) => verdict === 'inconclusive')
  if (open.some(({ interval }) => interval !== null)) return []
  return [prose`${code(id)}: ${explainReason(open[0]?.reason ?? reason)}.`]
}

const CHANGE = 'what this change does to the slow cases'

/** What to do now, in words, for a judged run. `reproducible` tells that the report holds the command. */
export function describeNextSteps(outcome: Judged, reproducible: boolean): readonly RichText[] {
  const { cases, verdict } = outcome.comparison
  const steps: RichText[] = [...adviseOnChecks(outcome.checks)]
  if (listUnmeasured(outcome).some((item) => !isNewModel(item))) {
    steps.push(['Fix what kept the cases above from being measured, or push again; then the check runs again.'])
  }
  if (verdict === 'regression' || verdict === 'mixed') {
    steps.push(
      [`${reproducible ? 'Repeat the comparison locally with the command below, then look' : 'Look'} at ${CHANGE}.`],
      ['If the slowdown is intended, raise the limit on the base branch in a pull request of its own.']
    )
  }
  const open = listOpen(cases)
  steps.push(...adviseOnNeeded(open), ...open.flatMap((item) => listOpenSteps(item, outcome.measured)))
  if (steps.length === 0) steps.push(['Nothing to do.'])
  return [...new Map(steps.map((step) => [toPlainText(step), step])).values()].slice(0, NEXT_STEPS_MAX)
}

function listOpenSteps(
  { id, reason, metrics, errors }: CaseComparison,
  measured: Judged['measured']
): readonly RichText[] {
  if (reason?.kind === 'error_rates_differ' && errors.candidate < errors.baseline) return [REPAIRS]
  const open = metrics.filter((metric) => metric.verdict === 'inconclusive')
  const reasons = open.length === 0 ? [reason] : open.map((metric) => metric.reason ?? reason)
  return reasons.map((item) => explainStop(measured, id, item)?.next ?? adviseOnReason(item))
}

/** The baseline is the side that fails. */
const REPAIRS: RichText = [
  'The change repairs failing requests, so there is no speed to compare with: decide by reading it.'
]
