import { expect, test } from 'vitest'
import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import type { Block } from '#contracts/measurements.ts'
import { createRoundTimes, overheadPerCaseMs } from '#src/cli/calibrate/round-times.ts'

function progress(roundsDone: number, elapsedMs: number, phase: BenchmarkProgress['phase'] = 'measuring') {
  return { phase, roundsDone, roundsMax: 10, elapsedMs, message: '' }
}

function block(launch: number, wallMs: number): Block {
  return { side: 'baseline', launch, quad: 0, wallNs: wallMs * 1e6, latenciesNs: [1], errors: 0 }
}

test('a round lasts from the end of the one before to its own; fetching is not measured', () => {
  const times = createRoundTimes()

  for (const step of [
    progress(0, 900, 'fetching'),
    progress(0, 10),
    progress(1, 3010),
    progress(1, 3500),
    progress(2, 7010)
  ]) {
    times.note(step)
  }

  expect(times.roundsMs()).toEqual([3000, 4000])
})

test('what a round takes beyond its measuring is shared out among the cases', () => {
  const cases = [
    [block(0, 500), block(0, 500), block(1, 1000), block(2, 1000)],
    [block(0, 1000), block(1, 1000), block(2, 1000)]
  ]

  expect(overheadPerCaseMs([5000, 5200, 60_000], cases)).toBeCloseTo(3200 / 2, 6)
})

test('a clock that saw nothing gives no overhead, and none is ever negative', () => {
  expect(overheadPerCaseMs([], [[block(0, 500)]])).toBe(0)
  expect(overheadPerCaseMs([400], [[block(0, 500)]])).toBe(0)
  expect(overheadPerCaseMs([400], [])).toBe(400)
})
