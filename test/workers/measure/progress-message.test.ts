import { describe, expect, test } from 'vitest'
import type { Block } from '#contracts/measurements.ts'
import { p50Ratio, progressMessage, type RoundsSoFar } from '#workers/measure/progress-message.ts'

function block(side: Block['side'], latenciesNs: number[]): Block {
  return { side, launch: 0, quad: 0, wallNs: 1, latenciesNs, errors: 0 }
}

describe('p50Ratio', () => {
  test('is the ratio of the medians over all requests of a side', () => {
    const blocks = [
      block('baseline', [100, 1]),
      block('candidate', [150]),
      block('candidate', [9000, 3]),
      block('baseline', [300])
    ]

    expect(p50Ratio(blocks)).toBe(1.5)
  })

  test('is no number without latencies', () => {
    expect(p50Ratio([block('baseline', []), block('candidate', [1])])).toBeNaN()
  })
})

function rounds(done: number, changes: Partial<RoundsSoFar> = {}): RoundsSoFar {
  return { done, max: 16, elapsedMs: done * 4000, mayStopEarly: true, ...changes }
}

describe('progressMessage', () => {
  test('names the round, the case and how far its p50 has moved, round by round', () => {
    const slower = { id: 'vad/default/single_stream', p50Ratios: [1.021, 1.021, 0.5] }

    expect(progressMessage(rounds(3), [slower])).toBe(
      'round 3 of at most 16, vad/default/single_stream: p50 +2.1 % so far'
    )
  })

  test('of several cases it names the one that moved most', () => {
    const cases = [
      { id: 'a', p50Ratios: [1.01] },
      { id: 'b', p50Ratios: [0.7] }
    ]

    expect(progressMessage(rounds(1), cases)).toBe(
      'round 1 of at most 16, b: p50 -30.0 % so far (the largest change of 2 cases)'
    )
  })

  test('stays within the contract for the longest case id, and says nothing about a case without latencies', () => {
    const long = { id: 'x'.repeat(500), p50Ratios: [1] }

    expect(progressMessage(rounds(1), [long]).length).toBeLessThanOrEqual(500)
    expect(progressMessage(rounds(1), [{ id: 'a', p50Ratios: [] }])).toBe('round 1 of at most 16')
  })

  test.each([
    [rounds(5), ''],
    [rounds(6), ', at most 40 s more'],
    [rounds(6, { elapsedMs: 60_000 }), ', at most 100 s more'],
    [rounds(6, { elapsedMs: 600_000 }), ', at most 17 min more'],
    [rounds(14, { mayStopEarly: false }), ', about 8 s more'],
    [rounds(16), '']
  ])('from the first look on it forecasts the rest by the mean of the rounds so far: %o', (soFar, forecast) => {
    const steady = { id: 'a', p50Ratios: [1] }

    expect(progressMessage(soFar, [steady])).toBe(`round ${soFar.done} of at most 16, a: p50 +0.0 % so far${forecast}`)
  })
})
