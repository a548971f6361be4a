import { describe, expect, it } from 'vitest'
import { inferencesOf } from '#contracts/inferences-of.ts'
import { compareCost } from '#src/budgets/cost.ts'
import { simulateCase } from '#test/stats/build-measurements.ts'
import { judgeOne, row } from '#test/stats/judge-one.ts'
import { simulateDecoder, simulateQueue, simulateStarts } from '#test/stats/simulate-scenarios.ts'

const PRICE = { perHour: 3.6, currency: 'USD' }

describe('the cost of a million', () => {
  it('inferences is the price of the time that they take', () => {
    const cost = compareCost(judgeOne(simulateCase({ slowdown: 1.1 })), PRICE, 1)

    // 2 ms each: a million take 2,000 s, which cost 2 dollars.
    expect(cost).toMatchObject({ of: 'inferences', currency: 'USD' })
    expect(cost?.baseline).toBeCloseTo(2, 1)
    expect(cost?.candidate).toBeCloseTo(2.2, 1)
    expect(cost?.relativeChange).toBeCloseTo(0.1, 2)
  })

  it('has the interval of the rate, turned over', () => {
    const judged = judgeOne(simulateCase({ launchScatter: 0.01 }))

    const cost = compareCost(judged, PRICE, 1)

    const [low, high] = row(judged, 'throughput').interval ?? [0, 0]
    expect(cost?.interval).toEqual([expect.closeTo(1 / (1 + high) - 1, 12), expect.closeTo(1 / (1 + low) - 1, 12)])
    expect(cost?.interval?.[0]).toBeLessThan(cost?.relativeChange ?? 0)
    expect(cost?.interval?.[1]).toBeGreaterThan(cost?.relativeChange ?? 0)
  })

  it('is shared by the inputs of a batch', () => {
    const judged = judgeOne(simulateCase())

    expect(compareCost(judged, PRICE, 8)?.baseline).toBeCloseTo((compareCost(judged, PRICE, 1)?.baseline ?? 0) / 8, 12)
    expect(inferencesOf({ kind: 'offline', batchSize: 8 })).toBe(8)
    expect(inferencesOf({ kind: 'multi_stream', samplesPerQuery: 4, instances: 2 })).toBe(4)
    expect(inferencesOf({ kind: 'cold_start' })).toBe(1)
  })

  it('tokens comes from the token rate, and of a ramp from the rate that is sustained', () => {
    const tokens = compareCost(judgeOne(simulateDecoder()), PRICE, 1)
    const ramp = judgeOne(simulateQueue({ utilisation: [0.3, 0.5, 0.7, 0.9] }))

    expect(tokens?.of).toBe('tokens')
    expect(tokens?.baseline).toBeGreaterThan(5)
    expect(tokens?.baseline).toBeLessThan(8)
    expect(compareCost(ramp, PRICE, 1)?.baseline).toBeCloseTo(1000 / (row(ramp, 'sustained_rate').baseline ?? 0), 9)
  })

  it('is not told of a load that somebody else sets, nor of starts', () => {
    expect(compareCost(judgeOne(simulateQueue()), PRICE, 1)).toBeNull()
    expect(compareCost(judgeOne(simulateStarts()), PRICE, 1)).toBeNull()
  })
})
