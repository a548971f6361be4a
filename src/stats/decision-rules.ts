import tQuantile from '@stdlib/stats-base-dists-t-quantile'
import { DEFAULT_DESIGN, type DecisionDesign } from '#contracts/decision-design.ts'
import { anytimeHalfWidth, anytimePValue } from './anytime-valid.ts'
import { GAMMA_PER_LOOK, OPEN_ENDED_ALPHA, OPEN_ENDED_ALPHA_PER_SIDE } from './judge-settings.ts'
import { halfWidthOf, type RoundTest } from './test-rounds.ts'

/** What a test over rounds means under one design: how certain a difference is, and how far the truth may lie off. */
export interface DecisionRules {
  /** The level of Holm's procedure over the p-values. */
  readonly level: number
  readonly pValueOf: (test: RoundTest) => number
  /** Half of the interval shown; each bound errs on its own. May be infinite. */
  readonly halfWidthOf: (test: RoundTest) => number
  /** The least estimate, either way, that is significant at the strictest step of Holm's procedure. May be infinite. */
  readonly criticalOf: (test: RoundTest, testCount: number) => number
}

const PLANNED_LOOKS: DecisionRules = {
  level: GAMMA_PER_LOOK,
  pValueOf: ({ pValue }) => pValue,
  halfWidthOf: (test) => halfWidthOf(test, GAMMA_PER_LOOK),
  criticalOf: ({ degreesOfFreedom, standardError }, testCount) =>
    tQuantile(1 - GAMMA_PER_LOOK / testCount / 2, degreesOfFreedom) * standardError
}

const OPEN_ENDED: DecisionRules = {
  level: OPEN_ENDED_ALPHA,
  pValueOf: anytimePValue,
  halfWidthOf: (test) => anytimeHalfWidth(test, 2 * OPEN_ENDED_ALPHA_PER_SIDE),
  criticalOf: (test, testCount) => anytimeHalfWidth(test, OPEN_ENDED_ALPHA / testCount)
}

/** docs/statistics.md "Deciding", "More rounds than planned". */
export function rulesOf(design: DecisionDesign = DEFAULT_DESIGN): DecisionRules {
  switch (design.kind) {
    case 'planned_looks':
      return PLANNED_LOOKS
    case 'open_ended':
      return OPEN_ENDED
    default:
      return design satisfies never
  }
}
