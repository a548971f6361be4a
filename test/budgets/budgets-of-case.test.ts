import { expect, test } from 'vitest'
import { BudgetPolicy } from '#contracts/budgets.ts'
import { budgetsOfCase } from '#src/budgets/budgets-of-case.ts'

const EVERYTHING = { model: null, session: null, scenario: null }
const CASE = { model: 'vad', session: 'default', scenario: 'server' } as const

test('rules of other cases do not count, and later ones count more', () => {
  const policy = BudgetPolicy.parse([
    { ...EVERYTHING, budgets: { p99Ms: 100, errorRate: 0.01 } },
    { ...EVERYTHING, scenario: 'server', budgets: { p99Ms: 20 } },
    { ...EVERYTHING, scenario: 'ramp', budgets: { p99Ms: 1 } },
    { ...EVERYTHING, model: 'asr', budgets: { p50Ms: 1 } },
    { model: 'vad', session: 'default', scenario: 'server', budgets: { p50Ms: 8, errorRate: undefined } }
  ])

  expect(budgetsOfCase(policy, CASE)).toEqual({ p99Ms: 20, errorRate: 0.01, p50Ms: 8 })
  expect(budgetsOfCase([], CASE)).toEqual({})
})

test('a limit that cannot be is refused', () => {
  for (const budgets of [{ p50Ms: 0 }, { errorRate: 1.1 }, { p42Ms: 1 }, { minThroughputPerS: Number.NaN }]) {
    expect(BudgetPolicy.safeParse([{ ...EVERYTHING, budgets }]).success).toBe(false)
  }
})
