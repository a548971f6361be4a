import { expect, test } from 'vitest'
import { commonPrefix, TokenTally } from '#workers/outputs/token-tally.ts'

test.each([
  [[1, 2, 3], [1, 2, 3], 3],
  [[1, 2, 3], [1, 9, 3], 1],
  [[1, 2], [1, 2, 3], 2],
  [[], [1], 0],
  [[1], [], 0]
])('%j and %j have %d tokens in common from the start', (left, right, length) => {
  expect(commonPrefix(left, right)).toBe(length)
})

test('tokens are counted over the samples, and the earliest difference is kept', () => {
  const tally = new TokenTally()
  tally.add(0, [1, 2, 3, 4], [1, 2, 3, 4])
  tally.add(1, [1, 2, 3, 4], [1, 2, 9, 4, 5])
  tally.add(2, [1, 2, 3, 4], [1])
  tally.add(3, [1, 2, 3, 4], [1, 8, 3, 4])

  expect(tally.statistics).toEqual({
    samples: 4,
    identicalSamples: 1,
    baselineTokens: 16,
    candidateTokens: 14,
    prefixTokens: 8
  })
  expect(tally.firstDifference).toEqual({ sampleIndex: 2, position: 1, baseline: 2, candidate: null })
})
