import { expect, test } from 'vitest'
import { rampRates } from '#workers/load/ramp-rates.ts'

test('goes from the first rate to the last in equal ratios', () => {
  expect(rampRates(20, 320, 5)).toEqual([20, 40, 80, 160, 320].map((rate) => expect.closeTo(rate)))
})

test('ends exactly where it was told to', () => {
  const rates = rampRates(0.3, 77.7, 17)

  expect(rates.length).toBe(17)
  expect([rates[0], rates.at(-1)]).toEqual([0.3, 77.7])
})
