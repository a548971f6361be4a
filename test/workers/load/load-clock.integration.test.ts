import { expect, test } from 'vitest'
import { createLoadClock, machineNowNs } from '#workers/load/load-clock.ts'

test('counts from its origin, and never comes back too early', () => {
  const clock = createLoadClock(machineNowNs() + 2e6)

  expect(clock.nowNs()).toBeLessThan(2e6)
  for (const dueNs of [1e6, 1.2e6, 5e6]) {
    clock.waitUntilNs(dueNs)
    // A reading is rounded to a nanosecond or so.
    expect(clock.nowNs()).toBeGreaterThanOrEqual(dueNs - 2)
  }
})

test('does not wait for what has passed', () => {
  const clock = createLoadClock(machineNowNs() - 1e9)
  const beforeNs = clock.nowNs()

  clock.waitUntilNs(0)

  expect(beforeNs).toBeGreaterThan(0.9e9)
})
