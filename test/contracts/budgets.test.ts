import { expect, test } from 'vitest'
import { Budgets } from '#contracts/budgets.ts'

test.each([{ p50Ms: 0 }, { errorRate: 1.1 }, { p42Ms: 1 }, { minThroughputPerS: Number.NaN }])(
  'a limit that cannot be is refused: %j',
  (budgets) => {
    expect(Budgets.safeParse(budgets).success).toBe(false)
  }
)

test('limits that can be are taken as they are', () => {
  const budgets = { p99Ms: 20, errorRate: 0, minThroughputPerS: 100 }

  expect(Budgets.parse(budgets)).toEqual(budgets)
})
