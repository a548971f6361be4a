import { describe, expect, it } from 'vitest'
import { summariseRounds } from '#stats/summarise-rounds.ts'
import { block, simulateCase } from './build-measurements.ts'

describe('summariseRounds', () => {
  it('compares p50 by pairs of neighbours, so that a machine that flips between two states does not move it', () => {
    const times = (count: number, latencyNs: number) => new Array<number>(count).fill(latencyNs)
    const flipping = [1000, 2000, 1000, 2000].flatMap((stateNs, quad) => [
      block('baseline', times(12, stateNs), { quad }),
      // The candidate is 10 % slower, and gets more requests done while the machine is fast.
      block('candidate', times(stateNs === 1000 ? 20 : 12, stateNs * 1.1), { quad })
    ])

    const [round] = summariseRounds(flipping)

    // The medians of the whole round are 1500 and 1100: pooled, the slower candidate would look 27 % faster.
    expect(round?.effects.p50).toEqual({
      slowdown: expect.closeTo(Math.log(1.1), 12),
      baseline: 1500,
      candidate: expect.closeTo(1650, 9)
    })
  })

  it('does not let blocks during which the machine changed its state move p50', () => {
    const times = (latencyNs: number) => Array.from({ length: 5 }, (_, index) => latencyNs + index)
    const blocks = [1, 1, 1, 1.5, 1, 1].flatMap((stateOfCandidate, quad) => [
      block('baseline', times(1000), { quad }),
      block('candidate', times(1050 * stateOfCandidate), { quad })
    ])

    const [round] = summariseRounds(blocks)

    expect(round?.effects.p50?.slowdown).toBeCloseTo(Math.log(1.05), 3)
  })

  it('compares p50 also where a round holds a request or two', () => {
    const [round] = summariseRounds([block('baseline', [100]), block('candidate', [120])])

    expect(round?.effects.p50?.slowdown).toBeCloseTo(Math.log(1.2), 12)
    expect(round?.effects.throughput).toBeNull()
  })

  it('compares throughput by the median over quads of the ratio of means where requests are few', () => {
    const [round] = summariseRounds([
      block('baseline', [100, 300]),
      block('candidate', [210, 230]),
      block('baseline', [100], { quad: 1 }),
      block('candidate', [130], { quad: 1 }),
      block('baseline', [100], { quad: 2 }),
      block('candidate', [5000], { quad: 2 })
    ])

    // ratios of means: 220/200, 130/100, 5000/100
    expect(round?.effects.throughput?.slowdown).toBeCloseTo(Math.log(1.3), 12)
  })

  it('compares p95 by the median over windows of 12 requests', () => {
    const ramp = (step: number) => Array.from({ length: 12 }, (_, index) => 100 + step * index)
    const [round] = summariseRounds([
      block('baseline', ramp(0)),
      block('candidate', ramp(0)),
      block('baseline', ramp(0), { quad: 1 }),
      block('candidate', ramp(10), { quad: 1 }),
      block('baseline', ramp(0), { quad: 2 }),
      block('candidate', ramp(100), { quad: 2 })
    ])

    // Type 7 at 0.95 of 12 values: position 10.45, so 100 + 10.45 × step; the middle of three windows has step 10.
    expect(round?.effects.p95?.slowdown).toBeCloseTo(Math.log(204.5 / 100), 12)
    expect(round?.effects.p99).toBeNull()
  })

  it('compares throughput by windows of six requests where a quad holds more', () => {
    const times = (latencyNs: number) => Array.from({ length: 9 }, () => latencyNs)
    const late = [...times(100).slice(3), 900, 900, 900]
    const [round] = summariseRounds([
      block('baseline', times(100)),
      block('candidate', times(110)),
      block('candidate', late),
      block('baseline', times(100))
    ])

    // Positions 1 to 3: (3 × 110 + 3 × 100) / 6 over 100; 4 to 6 the same; the last three hold 900.
    expect(round?.effects.throughput?.slowdown).toBeCloseTo(Math.log(1.05), 12)
  })

  it('does not take what belongs to the place in a block for a drift within the round', () => {
    const blocks = Array.from({ length: 10 }, (_, quad) => {
      const latencies = (slow: number) => Array.from({ length: 25 }, (_, position) => (position < 12 ? slow : 1000))
      return [block('baseline', latencies(1000), { quad }), block('candidate', latencies(1300), { quad })].flatMap(
        (item) => [item, item]
      )
    }).flat()

    expect(summariseRounds(blocks)[0]?.slope).toBe(0)
  })

  it('takes the slow share relative to each window, so that a slow stretch of both sides does not count', () => {
    const level = (slow: number) =>
      Array.from({ length: 60 }, (_, index) => (index % 12 < slow ? 145 : index % 12 < 4 ? 114 : 100))
    const twice = (latencies: number[]) => latencies.map((latency) => latency * 2)
    const [round] = summariseRounds([
      block('baseline', level(0)),
      block('candidate', level(2)),
      block('baseline', twice(level(0)), { quad: 1 }),
      block('candidate', twice(level(2)), { quad: 1 })
    ])

    expect(round?.effects.slow_share).toEqual({
      slowdown: expect.closeTo(2 / 12, 12),
      baseline: 0,
      candidate: expect.closeTo(2 / 12, 12)
    })
  })

  it('does not assess tails that fewer than two windows would have to carry', () => {
    const [round] = summariseRounds(simulateCase({ launches: 1, quads: 3, requestsPerBlock: 3 }).blocks)

    expect(round?.effects.p50).not.toBeNull()
    expect(round?.effects.throughput).not.toBeNull()
    expect(round?.effects.p95).toBeNull()
    expect(round?.effects.p99).toBeNull()
    expect(round?.effects.slow_share).toBeNull()
  })

  it('gives a launch of one side no effect at all', () => {
    const [round] = summariseRounds([block('baseline', [1, 2, 3]), block('candidate', [], { errors: 3 })])

    expect(round).toMatchObject({
      requests: { baseline: 3, candidate: 0 },
      errors: { baseline: 0, candidate: 3 },
      pairedRequests: 0,
      effects: { p50: null, throughput: null, p95: null, p99: null, slow_share: null }
    })
  })

  it('says the same of a launch whether it comes alone or among others', () => {
    const { blocks } = simulateCase({ launches: 3 })

    const together = summariseRounds(blocks)
    const alone = [0, 1, 2].flatMap((launch) => summariseRounds(blocks.filter((item) => item.launch === launch)))

    expect(alone).toEqual(together)
  })

  it('has no round without blocks', () => {
    expect(summariseRounds([])).toEqual([])
  })
})
