import { expect, test } from 'vitest'
import { isTooLate } from '#src/load-curve/late-rule.ts'

test('one percent of late requests is the most', () => {
  expect(isTooLate({ late: 10, arrivals: 1000 })).toBe(false)
  expect(isTooLate({ late: 11, arrivals: 1000 })).toBe(true)
  expect(isTooLate({ late: 0, arrivals: 1 })).toBe(false)
  expect(isTooLate({ late: 1, arrivals: 1 })).toBe(true)
})
