import { expect, test } from 'vitest'
import { wilsonInterval } from '#src/scripts/bench/verdict/wilson-interval.ts'

// [Wilson1927] as computed by hand: (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n).
test.each([
  [0.5, 10, 0.236593, 0.763407],
  [0, 10, 0, 0.277533],
  [1, 10, 0.722467, 1],
  [0.1, 100, 0.055229, 0.174366]
])('of %f over %i draws', (share, trials, low, high) => {
  const interval = wilsonInterval(share, trials)

  expect(interval.low).toBeCloseTo(low, 5)
  expect(interval.high).toBeCloseTo(high, 5)
})
