import { describe, expect, it } from 'vitest'
import type { Block } from '#contracts/measurements.ts'
import { compareSustainedRates, type RampStep, rampSteps, stepQuantile } from '#stats/ramp-points.ts'
import { block } from './build-measurements.ts'

const SLO = { percentile: 'p50', latencyMs: 4 } as const

function step(latenciesNs: number[], errors: number): RampStep {
  return { ratePerS: 10, latenciesNs: Float64Array.from(latenciesNs), errors, isSustained: true }
}

/** One segment of a second in which every answer takes the same time. */
function segment(side: Block['side'], offeredPerS: number, latencyMs: number, lastS = 1): Block {
  const latenciesNs = new Array<number>(offeredPerS).fill(latencyMs * 1e6)
  const load = { offeredPerS, arrivals: offeredPerS, late: 0, timedOut: 0, dropped: 0, lastNs: 1e9 * lastS }
  return { ...block(side, latenciesNs, { quad: offeredPerS }), load }
}

describe('a quantile of a step', () => {
  it('counts failed requests as longer than any', () => {
    expect(stepQuantile(step([1, 2, 3, 4], 0), 0.5)).toBe(2.5)
    expect(stepQuantile(step([1, 2, 3, 4], 1), 0.5)).toBe(3)
    expect(stepQuantile(step([1, 2, 3, 4], 3), 0.5)).toBe(4)
    expect(stepQuantile(step([1, 2, 3, 4], 4), 0.5)).toBeNull()
    expect(stepQuantile(step([], 3), 0.5)).toBeNull()
    expect(stepQuantile(step([5], 0), 0.99)).toBe(5)
  })
})

describe('the steps of a ramp', () => {
  it('stand in order of their rates, whatever the order of the blocks', () => {
    const blocks = [40, 10, 20].map((rate) => segment('baseline', rate, 1))

    expect(rampSteps(blocks, 'baseline').map(({ ratePerS }) => ratePerS)).toEqual([10, 20, 40])
    expect(rampSteps(blocks, 'candidate')).toEqual([])
  })

  it('are not sustained where answers came long after the last arrival', () => {
    const blocks = [segment('baseline', 20, 1), segment('baseline', 40, 1, 1.5)]

    expect(rampSteps(blocks, 'baseline').map(({ isSustained }) => isSustained)).toEqual([true, false])
  })
})

describe('the sustained rates of a round', () => {
  const both = (baselineMs: readonly number[], candidateMs: readonly number[]) =>
    [10, 20, 40].flatMap((rate, index) => [
      segment('baseline', rate, baselineMs[index] ?? 0),
      segment('candidate', rate, candidateMs[index] ?? 0)
    ])

  it('are compared as time per request, interpolated between the steps', () => {
    const effect = compareSustainedRates(both([1, 2, 8], [1, 4, 8]), SLO)

    // Baseline: halfway between 20 and 40 on the log scale; candidate: 20.
    expect(effect?.baseline).toBeCloseTo(1e9 / (20 * Math.SQRT2), 3)
    expect(effect?.candidate).toBeCloseTo(1e9 / 20, 3)
    expect(effect?.slowdown).toBeCloseTo(Math.log(Math.SQRT2), 9)
  })

  it('beyond the rates that were offered count with the nearest one', () => {
    expect(compareSustainedRates(both([1, 1, 1], [1, 2, 8]), SLO)?.baseline).toBeCloseTo(1e9 / 40, 3)
    expect(compareSustainedRates(both([1, 2, 8], [5, 6, 8]), SLO)?.candidate).toBeCloseTo(1e9 / 10, 3)
  })

  it('that are below the lowest on both sides are not known', () => {
    expect(compareSustainedRates(both([5, 6, 8], [5, 6, 8]), SLO)).toBeNull()
    expect(compareSustainedRates([], SLO)).toBeNull()
  })
})
