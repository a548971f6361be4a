import type { DetectableChange } from '#contracts/calibration.ts'
import { FIRST_LOOK, MAX_PLANNED_ROUNDS } from '#contracts/decision-design.ts'
import type { Metric } from '#contracts/metric.ts'
import { asChange } from './as-change.ts'
import { decideMetric } from './decide-metric.ts'
import { rulesOf } from './decision-rules.ts'
import { MIN_ROUNDS_TO_TRIM, thresholdOf } from './judge-settings.ts'
import { projectTest, testMean, testMetric } from './test-rounds.ts'

/** Rounds to tell it for, up to the most that are planned. */
const LOOKS: readonly number[] = [FIRST_LOOK, 9, 12, 16, MAX_PLANNED_ROUNDS]

export interface RoundCost {
  /** Measuring, both sides together. */
  readonly roundMs: number
  /** Restarts and warm-up. */
  readonly overheadMs: number
  /** Metrics × cases that are tested together. */
  readonly testCount: number
}

/**
 * The smallest change that a run would see after each look, and how long it takes to get there, if its rounds scatter as
 * these do: worked out by the judge itself. Fewer than two rounds say nothing.
 */
export function detectableChanges(metric: Metric, slowdowns: readonly number[], cost: RoundCost): DetectableChange[] {
  return LOOKS.flatMap((rounds) => {
    const smallest = findSmallest(metric, slowdowns, rounds, cost.testCount)
    if (smallest === null) return []
    return [
      {
        rounds,
        measuringMs: rounds * cost.roundMs,
        wallMs: rounds * (cost.roundMs + cost.overheadMs),
        change: Math.abs(asChange(metric, smallest))
      }
    ]
  })
}

/** On the scale of the test. */
function findSmallest(metric: Metric, slowdowns: readonly number[], rounds: number, testCount: number): number | null {
  if (slowdowns.length < 2) return null
  const known = rounds < MIN_ROUNDS_TO_TRIM ? testMean(slowdowns) : testMetric(metric, slowdowns)
  const test = projectTest(metric, known, slowdowns.length, rounds)
  const decided = decideMetric(
    { kind: 'tested', metric, test, level: 1 },
    {
      threshold: thresholdOf(metric, undefined),
      rules: rulesOf({ kind: 'planned_looks' }),
      significant: false,
      testCount,
      absoluteFloorNs: 0
    }
  )
  return decided.smallestDetectable
}
