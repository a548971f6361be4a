import { describe, expect, test } from 'vitest'
import { progressMessage, type RoundsSoFar } from '#workers/measure/progress-message.ts'

function rounds(done: number, changes: Partial<RoundsSoFar> = {}): RoundsSoFar {
  return { done, max: 16, nextRoundMs: 4000, mayStopEarly: true, openCases: 1, ...changes }
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

    expect(progressMessage(rounds(1, { openCases: 2 }), cases)).toBe(
      'round 1 of at most 16, b: p50 -30.0 % so far (the largest change of 2 cases)'
    )
  })

  test('counts the open cases once others are settled, and not when all are', () => {
    const cases = ['a', 'b', 'c'].map((id) => ({ id, p50Ratios: [] }))

    expect(progressMessage(rounds(1, { openCases: 3 }), cases)).toBe('round 1 of at most 16')
    expect(progressMessage(rounds(7, { openCases: 2 }), cases)).toBe(
      'round 7 of at most 16, 2 of 3 cases still open, at most 36 s more'
    )
    expect(progressMessage(rounds(7, { openCases: 0, nextRoundMs: null }), cases)).toBe('round 7 of at most 16')
  })

  test('stays within the contract for the longest case id, and says nothing about a case without latencies', () => {
    const long = { id: 'x'.repeat(500), p50Ratios: [1] }

    expect(progressMessage(rounds(1), [long]).length).toBeLessThanOrEqual(500)
    expect(progressMessage(rounds(1), [{ id: 'a', p50Ratios: [] }])).toBe('round 1 of at most 16')
  })

  test.each([
    [rounds(5), ''],
    [rounds(6), ', at most 40 s more'],
    [rounds(6, { nextRoundMs: 10_000 }), ', at most 100 s more'],
    [rounds(6, { nextRoundMs: 100_000 }), ', at most 17 min more'],
    [rounds(14, { mayStopEarly: false }), ', about 8 s more'],
    [rounds(16), ''],
    [rounds(9, { nextRoundMs: null }), '']
  ])('from the first look on it forecasts the rest, unless nothing more is measured: %o', (soFar, forecast) => {
    const steady = { id: 'a', p50Ratios: [1] }

    expect(progressMessage(soFar, [steady])).toBe(`round ${soFar.done} of at most 16, a: p50 +0.0 % so far${forecast}`)
  })
})
