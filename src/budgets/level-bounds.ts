import type { DecisionDesign } from '#contracts/decision-design.ts'
import { clopperPearson } from '#src/equivalence/exact-bounds.ts'
import { rulesOf } from '#stats/decision-rules.ts'
import { GAMMA_PER_LOOK, OPEN_ENDED_ALPHA_PER_SIDE } from '#stats/judge-settings.ts'
import { testMetric } from '#stats/test-rounds.ts'

/** A level with two one-sided bounds, each wrong as often as those of the run's other intervals. */
export interface LevelBounds {
  readonly value: number
  readonly low: number
  readonly high: number
}

/**
 * The typical level of a round. On the log scale, because levels scatter in proportion; as it is where one may be zero.
 *
 * @returns null for fewer than two rounds
 */
export function boundLevels(
  levels: readonly number[],
  scale: 'log' | 'linear',
  design: DecisionDesign | undefined
): LevelBounds | null {
  if (levels.length < 2) return null
  // Trimmed from nine rounds on, like the latencies that the levels come from.
  const test = testMetric('p95', scale === 'log' ? levels.map(Math.log) : levels)
  if (!Number.isFinite(test.estimate) || !Number.isFinite(test.standardError)) return null
  const halfWidth = rulesOf(design).halfWidthOf(test)
  const back = scale === 'log' ? Math.exp : (level: number) => level
  return { value: back(test.estimate), low: back(test.estimate - halfWidth), high: back(test.estimate + halfWidth) }
}

/** Requests of one round, and those of them that count. */
export interface ShareCount {
  readonly events: number
  readonly sent: number
}

/**
 * A share of requests, by Clopper and Pearson over all of them. Where requests of a round hang together (one jam fails many
 * of them, one launch is slow), the bounds over the rounds count as well, whichever are wider.
 *
 * @returns null without requests
 */
export function boundShare(
  rounds: readonly ShareCount[],
  hangTogether: boolean,
  design: DecisionDesign | undefined
): LevelBounds | null {
  const events = rounds.reduce((sum, round) => sum + round.events, 0)
  const sent = rounds.reduce((sum, round) => sum + round.sent, 0)
  if (sent === 0) return null
  const exact = clopperPearson(events, sent, 1 - 2 * errorPerBound(design))
  const bounds = { value: events / sent, low: exact.lower, high: exact.upper }
  const shares = rounds.flatMap((round) => (round.sent === 0 ? [] : [round.events / round.sent]))
  const overRounds = hangTogether ? boundLevels(shares, 'linear', design) : null
  if (overRounds === null) return bounds
  return {
    ...bounds,
    low: Math.max(0, Math.min(bounds.low, overRounds.low)),
    high: Math.min(1, Math.max(bounds.high, overRounds.high))
  }
}

function errorPerBound(design: DecisionDesign | undefined): number {
  return design?.kind === 'open_ended' ? OPEN_ENDED_ALPHA_PER_SIDE : GAMMA_PER_LOOK
}
