import type { CaseComparison } from '#stats/verdict.ts'
import { describeChange, describeEstimate, describeLimit, describeRange } from './describe-change.ts'
import { describeFailureCode } from './describe-failure.ts'
import { explainReason } from './explain-reason.ts'
import { explainStop } from './explain-stop.ts'
import { describeFailingMore, listFailingMore } from './failing-requests.ts'
import { formatPlural } from './format-quantity.ts'
import { findWorst, listMetrics, type MetricOfCase, rowVerdict, sortWorstFirst } from './metric-rows.ts'
import type { ReportMark, ReportModel } from './report-parts.ts'
import { code, prose, type RichText } from './rich-text.ts'
import { isNewModel, type Judged, listUnmeasured, type Unmeasured } from './unmeasured.ts'

type Headline = Pick<ReportModel, 'mark' | 'headline'>

/** The verdict of a judged run and the number that decided it, in one sentence. */
export function describeHeadline(outcome: Judged): Headline {
  const { verdict, cases } = outcome.comparison
  const metrics = sortWorstFirst(listMetrics(cases))
  if (cases.length > 0 && (verdict === 'regression' || verdict === 'mixed')) return describeFall(verdict, metrics)
  const [failing] = listFailingMore(cases)
  if (failing !== undefined) return describeFailing(failing)
  const unmeasured = listUnmeasured(outcome)
  const [broken] = unmeasured.filter((item) => !isNewModel(item))
  if (broken !== undefined) return describeBroken(outcome, broken)
  if (cases.length === 0) return describeNothingCompared(unmeasured.length)
  if (verdict === 'improvement') return describeRise(metrics)
  return verdict === 'unchanged' ? describeUnchanged(metrics) : describeInconclusive(outcome, metrics)
}

function describeFall(mark: 'regression' | 'mixed', metrics: readonly MetricOfCase[]): Headline {
  const worst = findWorst(metrics, 'regression')
  const best = findWorst(metrics, 'improvement')
  const word = mark === 'mixed' ? 'Mixed' : 'Regression'
  if (worst === undefined) return { mark, headline: [`${word}: at least one case is slower than its limit allows.`] }
  const fall = prose`${word}: ${describeChange(worst)}; ${describeLimit(worst)}.`
  if (mark === 'regression' || best === undefined) return { mark, headline: fall }
  return { mark, headline: prose`${fall} In return, ${describeChange(best)}.` }
}

function describeFailing(failing: CaseComparison): Headline {
  return { mark: 'failing_requests', headline: prose`Requests fail more often: ${describeFailingMore(failing)}.` }
}

function describeRise(metrics: readonly MetricOfCase[]): Headline {
  const best = findWorst(metrics, 'improvement')
  const change: RichText = best === undefined ? ['at least one case is faster'] : describeChange(best)
  return { mark: 'improvement', headline: prose`Improvement: ${change}.` }
}

function describeUnchanged(metrics: readonly MetricOfCase[]): Headline {
  const closest = findWorst(metrics, 'unchanged')
  const nothing = 'Unchanged: no change beyond the limit.'
  if (closest === undefined) return { mark: 'unchanged', headline: [nothing] }
  const nearest = prose`Nearest to it: ${describeEstimate(closest)}; ${describeLimit(closest)}.`
  return { mark: 'unchanged', headline: prose`${nothing} ${nearest}` }
}

function describeInconclusive({ comparison, measured }: Judged, metrics: readonly MetricOfCase[]): Headline {
  const mark: ReportMark = 'inconclusive'
  const open = metrics.find((metric) => rowVerdict(metric) === 'inconclusive' && metric.of.verdict === 'inconclusive')
  if (open !== undefined && open.comparison.interval !== null) {
    return { mark, headline: prose`Inconclusive: ${describeRange(open)}; ${describeLimit(open)}.` }
  }
  const undecided = comparison.cases.find(({ verdict }) => verdict === 'inconclusive')
  const subject = open?.of ?? undecided
  const reason = open?.comparison.reason ?? undecided?.reason ?? null
  if (subject === undefined) return { mark, headline: ['Inconclusive: there was no decision.'] }
  const why = explainStop(measured, subject.id, reason)?.why ?? explainReason(reason).why
  return { mark, headline: prose`Inconclusive: ${code(subject.id)}. ${why}` }
}

function describeBroken({ cases, comparison }: Judged, { caseId, failure }: Unmeasured): Headline {
  const what = describeFailureCode(failure)
  const tail = 'This says nothing about the speed of the change.'
  if (caseId === null) return { mark: 'no_verdict', headline: prose`No verdict: ${what}. ${tail}` }
  const where = failure.side === null ? prose`${code(caseId)}` : prose`${code(caseId)}, ${failure.side}`
  const which = comparison.cases.length === 0 ? 'no case' : `not all of ${formatPlural(cases.length, 'case')}`
  return { mark: 'no_verdict', headline: prose`No verdict: ${which} could be measured. ${where}: ${what}.` }
}

function describeNothingCompared(newModels: number): Headline {
  if (newModels === 0) return { mark: 'no_verdict', headline: ['No verdict: nothing was measured.'] }
  const count = formatPlural(newModels, 'case')
  return { mark: 'nothing_to_do', headline: [`Nothing to compare yet: the model of ${count} is new.`] }
}
