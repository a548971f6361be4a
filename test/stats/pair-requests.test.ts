import { expect, test } from 'vitest'
import { pairRequests } from '#stats/pair-requests.ts'

test('pairs each block with both of the other side in its quad, by position', () => {
  const quad = { baseline: [[1, 10], [2]], candidate: [[4], [8, 40]] }

  const logRatios = [...pairRequests([quad])]

  const expected = [4 / 1, 8 / 1, 40 / 10, 4 / 2, 8 / 2].map(Math.log)
  expect(logRatios).toHaveLength(5)
  for (const [index, logRatio] of logRatios.entries()) expect(logRatio).toBeCloseTo(expected[index] ?? Number.NaN, 12)
})

test('pairs only within a quad', () => {
  const quads = [
    { baseline: [[1]], candidate: [[2]] },
    { baseline: [[100]], candidate: [[300]] }
  ]

  expect([...pairRequests(quads)].map((logRatio) => Math.round(Math.exp(logRatio)))).toEqual([2, 3])
})

test('pairs neighbours only where a quad has many blocks, so that the number of pairs stays linear', () => {
  const blocks = Array.from({ length: 1000 }, () => [5])

  expect(pairRequests([{ baseline: blocks, candidate: blocks }])).toHaveLength(2998)
})

test('stays finite for latencies at the ends of the number range', () => {
  expect([...pairRequests([{ baseline: [[1e-300]], candidate: [[1e300]] }])].every(Number.isFinite)).toBe(true)
})
