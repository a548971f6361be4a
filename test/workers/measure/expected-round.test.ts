import { expect, test } from 'vitest'
import { roundWith } from '#test/stats/build-measurements.ts'
import { expectedRoundMs, startedOverRoundMs } from '#workers/measure/expected-round.ts'

const quick = { spentMs: [900, 1100], rounds: [{ ...roundWith(0), wallNs: 600_000_000 }] }
const slow = { spentMs: [9000], rounds: [{ ...roundWith(0), wallNs: 2_000_000_000 }] }

test('a round takes what the cases in it took, and the mean of starting the processes', () => {
  expect(expectedRoundMs([quick, slow], [200, 400])).toBe(300 + 1000 + 9000)
  expect(expectedRoundMs([quick], [200, 400])).toBe(300 + 1000)
})

test('with the longer warm-up, all that was not measuring takes four times as long', () => {
  expect(startedOverRoundMs([quick, slow], [200, 400])).toBe(300 + 1000 + 3 * 400 + 9000 + 3 * 7000)
})

test('what never ran takes nothing', () => {
  expect(expectedRoundMs([{ spentMs: [], rounds: [] }], [])).toBe(0)
  expect(startedOverRoundMs([{ spentMs: [], rounds: [] }], [])).toBe(0)
})
