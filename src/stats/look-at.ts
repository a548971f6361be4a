import { decidingMetricsOf, metricsOf } from '#contracts/metric.ts'
import type { CaseRounds } from './assess-case.ts'
import type { DecidedMetric } from './decide-metric.ts'
import { type DecidedCase, type DecidedRun, decideRun } from './decide-run.ts'
import { rulesOf } from './decision-rules.ts'
import { isOutOfReach } from './forecast.ts'
import { type JudgeOptions, leaningPValue } from './judge-settings.ts'
import type { LookDecision, SettledCase } from './verdict.ts'

export interface Look extends JudgeOptions {
  readonly roundsDone: number
  /** Round counts at which a decision may be taken, from the job; the largest is the most rounds there will be. */
  readonly looks: readonly number[]
  /** Cases that earlier looks settled and that have not been measured since. */
  readonly settled?: readonly SettledCase[]
}

/**
 * What the measuring loop should do after a round. Between looks the answer is always `continue`: the error rates hold for
 * the looks that were planned (docs/statistics.md "Deciding").
 *
 * @param cases every case of the run with all its rounds so far; {@link RoundStatistics} of earlier launches may be kept.
 *   Settled cases too: the correction for many tests spans the run
 */
export function lookAt(cases: readonly CaseRounds[], look: Look): LookDecision {
  const lastLook = Math.max(...look.looks)
  const isLast = look.roundsDone >= lastLook
  if (!isLast && !look.looks.includes(look.roundsDone)) return { kind: 'continue' }
  const run = decideRun(cases, look)
  if (run.cases.some(({ verdict }) => verdict === 'regression')) return { kind: 'stop', reason: 'regression' }
  if (run.cases.length > 0 && run.cases.every(mayPass)) return { kind: 'stop', reason: 'pass' }
  if (isLast) return { kind: 'stop', reason: 'max_rounds' }
  const ends = run.cases.map((decided) => findEnd(decided, run, look, lastLook))
  if (ends.length > 0 && !ends.includes(null)) {
    return { kind: 'stop', reason: ends.includes('forecast') ? 'forecast' : 'pass' }
  }
  const settled = run.cases.flatMap(({ id }, index) => {
    const reason = ends[index] ?? null
    return reason === null ? [] : [{ id, reason }]
  })
  return settled.length === 0 ? { kind: 'continue' } : { kind: 'continue', settled }
}

/** How a case ends if it is measured no more; null when further rounds may change it. */
function findEnd(decided: DecidedCase, run: DecidedRun, look: Look, lastLook: number): SettledCase['reason'] | null {
  const earlier = look.settled?.find(({ id }) => id === decided.id)
  if (earlier !== undefined) return earlier.reason
  const rules = rulesOf(look.design)
  const mostTests = run.cases.reduce((sum, { scenario }) => sum + metricsOf(scenario).length, 0)
  if (mayPass(decided) && staysSignificant(decided, rules.level / mostTests)) return 'pass'
  const horizon = { roundsDone: look.roundsDone, lastLook, rules }
  return isOutOfReach(decided, run.testCount, horizon) ? 'forecast' : null
}

function mayPass(decided: DecidedCase): boolean {
  const { scenario, verdict, metrics, rounds } = decided
  const others = metrics.filter(({ metric }) => !decidingMetricsOf(scenario).includes(metric))
  return (
    (verdict === 'unchanged' || verdict === 'improvement') &&
    !others.some((metric) => leansToRegression(metric, rounds))
  )
}

/** Whether a metric that cannot hold up the verdict looks as if it might still become a regression. */
function leansToRegression({ assessment, verdict }: DecidedMetric, rounds: number): boolean {
  if (assessment.kind !== 'tested' || verdict === 'unchanged') return false
  return assessment.test.estimate > 0 && assessment.test.pValue / 2 < leaningPValue(rounds)
}

/**
 * Unchanged does not depend on other cases. Improved does, by Holm's correction: it lasts, whatever later rounds make of the
 * others, when it holds at the strictest step, and also where metrics that are not assessed yet become tests.
 */
function staysSignificant({ metrics }: DecidedCase, strictest: number): boolean {
  return metrics.every(({ verdict, pValue }) => verdict !== 'improvement' || (pValue !== null && pValue <= strictest))
}
