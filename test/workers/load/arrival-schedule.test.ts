import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ArrivalPlan,
  countArrivals,
  MAX_SEGMENT_ARRIVALS,
  scheduleArrivals,
  segmentDurationNs
} from '#workers/load/arrival-schedule.ts'

const Rate = fc.double({ min: 0.1, max: 5000, noNaN: true })
const DurationNs = fc.integer({ min: 1_000_000, max: 2_000_000_000 })
const Plan: fc.Arbitrary<ArrivalPlan> = fc.oneof(
  fc.record({ kind: fc.constant('poisson' as const), ratePerS: Rate, durationNs: DurationNs, seed: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant('constant' as const), ratePerS: Rate, durationNs: DurationNs }),
  fc.record({
    kind: fc.constant('burst' as const),
    size: fc.integer({ min: 1, max: 200 }),
    everyMs: fc.double({ min: 1, max: 1000, noNaN: true }),
    bursts: fc.integer({ min: 1, max: 20 })
  })
)
const POISSON = { kind: 'poisson', ratePerS: 1000, durationNs: 10e9, seed: 7 } as const

describe('scheduleArrivals', () => {
  test('has as many arrivals as announced, in order, all of them within the segment', () => {
    fc.assert(
      fc.property(Plan, (plan) => {
        const arrivalsNs = scheduleArrivals(plan)

        const inOrder = arrivalsNs.every((arrivalNs, index) => arrivalNs >= (arrivalsNs[index - 1] ?? 0))
        expect(arrivalsNs.length).toBe(countArrivals(plan))
        expect(inOrder).toBe(true)
        expect(arrivalsNs.at(-1)).toBeLessThanOrEqual(segmentDurationNs(plan))
      })
    )
  })

  test('is the same for the same plan', () => {
    fc.assert(
      fc.property(Plan, (plan) => {
        expect(scheduleArrivals(structuredClone(plan))).toEqual(scheduleArrivals(plan))
      })
    )
  })

  test('is the same on every machine', () => {
    const arrivalsNs = scheduleArrivals({ kind: 'poisson', ratePerS: 4, durationNs: 1e9, seed: 1 })

    expect(Array.from(arrivalsNs, Math.round)).toMatchInlineSnapshot(`
      [
        77462923,
        521957811,
        676231055,
        909927136,
      ]
    `)
  })

  test('is another one for another seed', () => {
    expect(scheduleArrivals({ ...POISSON, seed: 8 })).not.toEqual(scheduleArrivals(POISSON))
  })

  test('keeps the rate exactly', () => {
    expect(scheduleArrivals(POISSON).length).toBe(10_000)
  })

  test('has the gaps of a Poisson process: e⁻ˣ of them are longer than x mean gaps', () => {
    const arrivalsNs = scheduleArrivals(POISSON)
    const gaps = Array.from(arrivalsNs, (arrivalNs, index) => arrivalNs - (arrivalsNs[index - 1] ?? 0))

    for (const meanGaps of [0.1, 0.5, 1, 2, 4]) {
      const share = gaps.filter((gapNs) => gapNs > meanGaps * 1e6).length / gaps.length
      // Five standard deviations of a share of 10,000.
      expect(Math.abs(share - Math.exp(-meanGaps))).toBeLessThan(0.025)
    }
  })

  test('sends a whole burst at once', () => {
    const arrivalsNs = scheduleArrivals({ kind: 'burst', size: 3, everyMs: 2, bursts: 2 })

    expect([...arrivalsNs]).toEqual([0, 0, 0, 2e6, 2e6, 2e6])
  })

  test('spaces constant arrivals evenly', () => {
    const arrivalsNs = scheduleArrivals({ kind: 'constant', ratePerS: 4, durationNs: 1e9 })

    expect([...arrivalsNs]).toEqual([0, 250e6, 500e6, 750e6])
  })

  test('refuses more arrivals than one message can hold', () => {
    const plan = { ...POISSON, ratePerS: MAX_SEGMENT_ARRIVALS, durationNs: 2e9 }

    expect(() => scheduleArrivals(plan)).toThrow(RangeError)
  })
})
