import { rulesOf } from './decision-rules.ts'
import { testMean } from './test-rounds.ts'

/** A level over the rounds, with two one-sided bounds. */
export interface LevelInterval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Fewer values have no spread. */
const MIN_VALUES = 2

/**
 * The mean of one number per round, with t bounds at the error rate of one look: each is wrong with 0.7 %.
 *
 * @param scale `log`: mean and bounds of the logarithms, for positive numbers whose scatter grows with them
 * @returns null for fewer than two rounds, or where a number has no logarithm
 */
export function levelInterval(values: readonly number[], scale: 'log' | 'linear'): LevelInterval | null {
  if (values.length < MIN_VALUES) return null
  const test = testMean(scale === 'log' ? values.map(Math.log) : values)
  if (!Number.isFinite(test.estimate) || !Number.isFinite(test.standardError)) return null
  const halfWidth = rulesOf().halfWidthOf(test)
  const back = scale === 'log' ? Math.exp : (level: number) => level
  const ends = [test.estimate, test.estimate - halfWidth, test.estimate + halfWidth] as const
  const [value, low, high] = ends.map((end) => Math.min(back(end), Number.MAX_VALUE))
  if (value === undefined || low === undefined || high === undefined) return null
  return { value, low: Math.max(low, -Number.MAX_VALUE), high }
}
