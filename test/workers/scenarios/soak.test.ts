import { expect, test } from 'vitest'
import { createSoakReader, runSoak } from '#workers/scenarios/soak.ts'

test('reads memory after a block, together with how many requests there were, but not too often', async () => {
  let nowMs = 0
  const reader = createSoakReader({ nowMs: () => nowMs, rssBytes: () => 1000 + nowMs })
  const block = (firstIndex: number) => runSoak(async () => {}, { requests: 10, firstIndex, reader })

  const first = await block(0)
  nowMs = 100
  const tooSoon = await block(10)
  nowMs = 250
  const second = await block(20)

  expect([first.rssBytes, first.inferences]).toEqual([[1000], [10]])
  expect([tooSoon.rssBytes, tooSoon.inferences]).toEqual([[], []])
  expect([second.rssBytes, second.inferences]).toEqual([[1250], [30]])
  expect(tooSoon.latenciesNs.length).toBe(10)
})

test('reads the memory of this process when nothing else is said', () => {
  const { rssBytes } = createSoakReader().read(1)

  expect(rssBytes[0]).toBeGreaterThan(1_000_000)
})
