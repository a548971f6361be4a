import type { CaseRounds } from './assess-case.ts'
import { type DecidedRun, decideRun } from './decide-run.ts'
import { rulesOf } from './decision-rules.ts'
import { isPassOutOfReach } from './forecast.ts'
import type { JudgeOptions } from './judge-settings.ts'
import type { LookDecision } from './verdict.ts'

export interface Look extends JudgeOptions {
  readonly roundsDone: number
  /** Round counts at which a decision may be taken, from the job; the largest is the most rounds there will be. */
  readonly looks: readonly number[]
}

/**
 * What the measuring loop should do after a round. Between looks the answer is always `continue`: deciding more often than
 * the looks would raise the false alarms from 4.4 % to 17 % (docs/statistics.md "Deciding").
 *
 * @param cases every case of the run with all its rounds so far; {@link RoundStatistics} of earlier launches may be kept
 */
export function lookAt(cases: readonly CaseRounds[], look: Look): LookDecision {
  const lastLook = Math.max(...look.looks)
  const isLast = look.roundsDone >= lastLook
  if (!isLast && !look.looks.includes(look.roundsDone)) return { kind: 'continue' }
  const run = decideRun(cases, look)
  if (run.cases.some(({ verdict }) => verdict === 'regression')) return { kind: 'stop', reason: 'regression' }
  if (mayPass(run)) return { kind: 'stop', reason: 'pass' }
  if (isLast) return { kind: 'stop', reason: 'max_rounds' }
  const horizon = { roundsDone: look.roundsDone, lastLook, rules: rulesOf(look.design) }
  return isPassOutOfReach(run, horizon) ? { kind: 'stop', reason: 'forecast' } : { kind: 'continue' }
}

function mayPass(run: DecidedRun): boolean {
  return run.cases.length > 0 && run.cases.every(({ verdict }) => verdict === 'unchanged' || verdict === 'improvement')
}
