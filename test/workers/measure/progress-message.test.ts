import { describe, expect, test } from 'vitest'
import type { Block } from '#contracts/measurements.ts'
import { progressMessage } from '#workers/measure/progress-message.ts'

function blocks(baselineNs: readonly number[], candidateNs: readonly number[]): Block[] {
  return baselineNs.flatMap((latencyNs, launch) => [
    { side: 'baseline' as const, launch, quad: 0, wallNs: latencyNs, latenciesNs: [latencyNs], errors: 0 },
    { side: 'candidate' as const, launch, quad: 0, wallNs: 1, latenciesNs: [candidateNs[launch] ?? 1], errors: 0 }
  ])
}

describe('progressMessage', () => {
  test('names the round, the case and how far its p50 has moved, round by round', () => {
    const slower = { id: 'vad/default/single_stream', blocks: blocks([100, 200, 1000], [102.1, 204.2, 500]) }

    expect(progressMessage(3, 16, [slower])).toBe('round 3 of at most 16, vad/default/single_stream: p50 +2.1 % so far')
  })

  test('of several cases it names the one that moved most', () => {
    const cases = [
      { id: 'a', blocks: blocks([100], [101]) },
      { id: 'b', blocks: blocks([100], [70]) }
    ]

    expect(progressMessage(1, 16, cases)).toBe(
      'round 1 of at most 16, b: p50 -30.0 % so far (the largest change of 2 cases)'
    )
  })

  test('stays within the contract for the longest case id, and says nothing about a case without latencies', () => {
    const long = { id: 'x'.repeat(500), blocks: blocks([100], [100]) }

    expect(progressMessage(1, 16, [long]).length).toBeLessThanOrEqual(500)
    expect(progressMessage(1, 16, [{ id: 'a', blocks: [] }])).toBe('round 1 of at most 16')
  })
})
