import { FIRST_LOOK, listLooks, MAX_PLANNED_ROUNDS } from '#contracts/decision-design.ts'
import type { RecordedLaunch } from '#src/scripts/bench/verdict/recorded-launch.ts'
import type { Call, Rule, RuleOutcome } from '#src/scripts/bench/verdict/rule.ts'
import type { CaseRounds } from '#stats/assess-case.ts'
import { decideRun } from '#stats/decide-run.ts'
import { lookAt } from '#stats/look-at.ts'
import type { RunComparison, SettledCase } from '#stats/verdict.ts'

/** The default looks: docs/statistics.md "Deciding". */
export const LOOKS: readonly number[] = listLooks(MAX_PLANNED_ROUNDS)

/** One case of a run: the launches in the order in which they are measured. */
export interface RunCase {
  readonly thresholds: CaseRounds['thresholds']
  readonly launches: readonly RecordedLaunch[]
}

export interface TailgateOutcome extends RuleOutcome {
  /** Launches measured of each case, in their order: fewer where a case was settled before the run ended. */
  readonly roundsOfCases: readonly number[]
}

/** Runs the real measuring loop's decisions over recorded launches: looks, settles, stops, and judges what there is by then. */
export function judgeByTailgate(cases: readonly RunCase[]): TailgateOutcome {
  const available = Math.min(...cases.map(({ launches }) => launches.length))
  let settled: readonly SettledCase[] = []
  let rounds = cases.map(() => 0)
  for (const roundsDone of LOOKS.filter((look) => look <= available)) {
    rounds = rounds.map((before, index) => (settled.some(({ id }) => id === nameCase(index)) ? before : roundsDone))
    const soFar = cases.map((item, index) => takeRounds(item, nameCase(index), rounds[index] ?? 0))
    const decision = lookAt(soFar, { roundsDone, looks: LOOKS, settled })
    if (decision.kind === 'continue') {
      settled = decision.settled ?? []
      continue
    }
    const call = callOf(decideRun(soFar).verdict)
    return { call, baselineRuns: roundsDone, candidateRuns: roundsDone, roundsOfCases: rounds }
  }
  return { call: 'undecided', baselineRuns: available, candidateRuns: available, roundsOfCases: rounds }
}

function nameCase(index: number): string {
  return `case-${index}`
}

/** Launches that were drawn twice are two launches. */
function takeRounds({ thresholds, launches }: RunCase, id: string, rounds: number): CaseRounds {
  const taken = launches.slice(0, rounds)
  return { id, thresholds, rounds: taken.map(({ statistics }, launch) => ({ ...statistics, launch })) }
}

function callOf(verdict: RunComparison['verdict']): Call {
  switch (verdict) {
    case 'regression':
    case 'mixed':
      return 'regression'
    case 'improvement':
      return 'improvement'
    case 'unchanged':
      return 'pass'
    case 'inconclusive':
      return 'undecided'
    default:
      return verdict satisfies never
  }
}

/** @param thresholds those of the recorded case */
export function tailgateRule(thresholds: CaseRounds['thresholds']): Rule {
  return {
    name: 'Tailgate',
    settings: `looks after every round from ${FIRST_LOOK} to ${MAX_PLANNED_ROUNDS}; default thresholds unless the case has its own`,
    source: null,
    feeds: ['interleaved'],
    judge: ({ launches }) => judgeByTailgate([{ thresholds, launches }])
  }
}
