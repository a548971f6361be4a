import { NS_PER_MS } from '#contracts/units.ts'
import type { CaseState } from './case-state.ts'
import { STARTED_OVER_FACTOR } from './measuring-rules.ts'

type Timed = Pick<CaseState, 'rounds' | 'spentMs'>

/**
 * How long the next round will take: each of its parts the mean of what it took so far.
 *
 * @param cases that will be measured in it
 * @param launchMs what each round so far took besides its cases
 */
export function expectedRoundMs(cases: readonly Timed[], launchMs: readonly number[]): number {
  return mean(launchMs) + sum(cases.map(({ spentMs }) => mean(spentMs)))
}

/** The same with the longer warm-up. Loading counts as warm-up here, so this is rather too long than too short. */
export function startedOverRoundMs(cases: readonly Timed[], launchMs: readonly number[]): number {
  const warmUpMs = cases.map(({ spentMs, rounds }) => {
    const measuredMs = mean(rounds.map(({ wallNs }) => wallNs / NS_PER_MS))
    return Math.max(0, mean(spentMs) - measuredMs)
  })
  return expectedRoundMs(cases, launchMs) + (STARTED_OVER_FACTOR - 1) * sum(warmUpMs)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
