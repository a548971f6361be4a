import type { CaseComparison } from '#stats/verdict.ts'
import { describeChecksHeadline, describeDoubtHeadline, describeReservations } from './checks-headline.ts'
import { describeFailureCode } from './describe-failure.ts'
import { describeCalledChange, describeMetric, nameMetricOfCase } from './describe-metric.ts'
import { explainReason } from './explain-reason.ts'
import { explainStop } from './explain-stop.ts'
import { describeFailingMore, listFailingMore } from './failing-requests.ts'
import { formatPlural } from './format-quantity.ts'
import { findWorst, listMetrics, type MetricOfCase, rowVerdict, sortWorstFirst } from './metric-rows.ts'
import type { ReportMark, ReportModel } from './report-parts.ts'
import { code, prose, type RichText } from './rich-text.ts'
import { isNewModel, type Judged, listUnmeasured, type Unmeasured } from './unmeasured.ts'

type Headline = Pick<ReportModel, 'mark' | 'headline'> & {
  /** The metric whose sentence the headline is; null when it tells of something else. */
  readonly told: MetricOfCase | null
}

/** The verdict of a judged run and the number that decided it, in one sentence. Answers and budgets come before speed. */
export function describeHeadline(outcome: Judged): Headline {
  const { verdict, cases } = outcome.comparison
  const graver = describeChecksHeadline(outcome.checks)
  if (graver !== null) return { ...graver, told: null }
  const metrics = sortWorstFirst(listMetrics(cases))
  if (cases.length > 0 && (verdict === 'regression' || verdict === 'mixed')) return describeFall(verdict, metrics)
  const [failing] = listFailingMore(cases)
  if (failing !== undefined) return describeFailing(failing)
  const unmeasured = listUnmeasured(outcome)
  const [broken] = unmeasured.filter((item) => !isNewModel(item))
  if (broken !== undefined) return describeBroken(outcome, broken)
  if (cases.length === 0) return describeNothingCompared(unmeasured.length)
  const doubt = verdict === 'inconclusive' ? null : describeDoubtHeadline(outcome.checks)
  if (doubt !== null) return { ...doubt, told: null }
  const speed = describeSpeed(outcome, metrics)
  return { ...speed, headline: [...speed.headline, ...describeReservations(outcome.checks)] }
}

function describeSpeed(outcome: Judged, metrics: readonly MetricOfCase[]): Headline {
  const { verdict } = outcome.comparison
  if (verdict === 'improvement') return describeRise(metrics)
  return verdict === 'unchanged' ? describeUnchanged(metrics) : describeInconclusive(outcome, metrics)
}

function tell(metric: MetricOfCase): RichText {
  return describeMetric(metric, nameMetricOfCase(metric))
}

function describeFall(mark: 'regression' | 'mixed', metrics: readonly MetricOfCase[]): Headline {
  const worst = findWorst(metrics, 'regression') ?? null
  const best = findWorst(metrics, 'improvement')
  const word = mark === 'mixed' ? 'Mixed' : 'Regression'
  if (worst === null) {
    return { mark, told: null, headline: [`${word}: at least one case is slower than its limit allows.`] }
  }
  const fall = prose`${word}: ${tell(worst)}`
  if (mark === 'regression' || best === undefined) return { mark, told: worst, headline: fall }
  return { mark, told: worst, headline: prose`${fall} In return, ${describeCalledChange(best)}.` }
}

function describeFailing(failing: CaseComparison): Headline {
  return {
    mark: 'failing_requests',
    told: null,
    headline: prose`Requests fail more often: ${describeFailingMore(failing)}.`
  }
}

function describeRise(metrics: readonly MetricOfCase[]): Headline {
  const best = findWorst(metrics, 'improvement') ?? null
  const change: RichText = best === null ? ['at least one case is faster.'] : tell(best)
  return { mark: 'improvement', told: best, headline: prose`Improvement: ${change}` }
}

function describeUnchanged(metrics: readonly MetricOfCase[]): Headline {
  const closest = findWorst(metrics, 'unchanged') ?? null
  const nothing = 'Unchanged: no change beyond the limit.'
  if (closest === null) return { mark: 'unchanged', told: null, headline: [nothing] }
  return { mark: 'unchanged', told: closest, headline: prose`${nothing} Nearest to it: ${tell(closest)}` }
}

function describeInconclusive({ comparison, measured }: Judged, metrics: readonly MetricOfCase[]): Headline {
  const mark: ReportMark = 'inconclusive'
  const open = metrics.find((metric) => rowVerdict(metric) === 'inconclusive' && metric.of.verdict === 'inconclusive')
  if (open !== undefined && open.comparison.interval !== null) {
    return { mark, told: open, headline: prose`Inconclusive: ${tell(open)}` }
  }
  const undecided = comparison.cases.find(({ verdict }) => verdict === 'inconclusive')
  const subject = open?.of ?? undecided
  const reason = open?.comparison.reason ?? undecided?.reason ?? null
  if (subject === undefined) return { mark, told: null, headline: ['Inconclusive: there was no decision.'] }
  const stop = explainStop(measured, subject.id, reason)
  const why = stop === null ? prose`: ${explainReason(reason)}.` : `. ${stop.why}`
  return { mark, told: null, headline: prose`Inconclusive: ${code(subject.id)}${why}` }
}

function describeBroken({ cases, comparison }: Judged, { caseId, failure }: Unmeasured): Headline {
  const what = describeFailureCode(failure)
  const tail = 'This says nothing about the speed of the change.'
  if (caseId === null) return { mark: 'no_verdict', told: null, headline: prose`No verdict: ${what}. ${tail}` }
  const where = failure.side === null ? prose`${code(caseId)}` : prose`${code(caseId)}, ${failure.side}`
  const which = comparison.cases.length === 0 ? 'no case' : `not all of ${formatPlural(cases.length, 'case')}`
  return { mark: 'no_verdict', told: null, headline: prose`No verdict: ${which} could be measured. ${where}: ${what}.` }
}

function describeNothingCompared(newModels: number): Headline {
  if (newModels === 0) return { mark: 'no_verdict', told: null, headline: ['No verdict: nothing was measured.'] }
  const count = formatPlural(newModels, 'case')
  return { mark: 'nothing_to_do', told: null, headline: [`Nothing to compare yet: the model of ${count} is new.`] }
}
