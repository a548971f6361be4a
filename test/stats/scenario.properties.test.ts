import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Block, MeasuredCase } from '#contracts/measurements.ts'
import type { METRIC_FACTS } from '#contracts/metric.ts'
import { ScenarioKind } from '#contracts/scenario.ts'
import { judgeRun } from '#stats/judge-run.ts'
import { summariseRounds } from '#stats/summarise-rounds.ts'
import type { Verdict } from '#stats/verdict.ts'
import { simulateDecoder, simulateQueue, simulateSoak, simulateStarts } from './simulate-scenarios.ts'

const RUNS = { numRuns: 40, seed: 4 }
const NO_FLOOR = { absoluteFloorNs: 0 }

const rounds = fc.integer({ min: 5, max: 9 })
const slowdown = fc.oneof(fc.constant(1), fc.double({ min: 0.8, max: 1.3, noNaN: true }))
const seed = fc.integer()

const simulated: fc.Arbitrary<MeasuredCase> = fc.oneof(
  fc
    .record({
      rounds,
      slowdown,
      seed,
      segmentS: fc.constantFrom(0.4, 1.5),
      utilisation: fc.constantFrom<number | number[]>(0.5, 0.9, [0.4, 0.6, 0.8]),
      segmentSd: fc.constantFrom(0.003, 0.03),
      timeoutMs: fc.constantFrom(1e9, 60)
    })
    .map(simulateQueue),
  fc.record({ rounds, seed, firstSlowdown: slowdown, gapSlowdown: slowdown }).map(simulateDecoder),
  fc.record({ rounds, seed, createSlowdown: slowdown }).map(simulateStarts),
  fc
    .record({
      rounds,
      seed,
      quads: fc.constantFrom(3, 12),
      leakBytes: fc.constantFrom(0, 3000),
      lateSlowdown: slowdown
    })
    .map((options) => simulateSoak({ ...options, requestsPerBlock: 20 }))
)

const MIRRORED: Readonly<Record<Verdict | 'not_assessed', Verdict | 'not_assessed'>> = {
  regression: 'improvement',
  improvement: 'regression',
  unchanged: 'unchanged',
  inconclusive: 'inconclusive',
  not_assessed: 'not_assessed'
}

function judge(measured: MeasuredCase) {
  const [only] = judgeRun({ cases: [measured] }, NO_FLOOR).cases
  if (only === undefined) throw new Error('the case is missing')
  return only
}

function mapBlocks(measured: MeasuredCase, map: (item: Block) => Block): MeasuredCase {
  return { ...measured, blocks: measured.blocks.map(map) }
}

/** All times of a block, and the objectives that they are held against. */
function stretch(item: Block, factor: number): Block {
  const scale = (values: readonly number[]) => values.map((value) => value * factor)
  const { rssBytes, inferences, ...times } = item.series ?? {}
  const readings = rssBytes === undefined ? {} : { rssBytes, inferences }
  const scaled = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, scale(values ?? [])]))
  return {
    ...item,
    latenciesNs: scale(item.latenciesNs),
    wallNs: item.wallNs * factor,
    ...(item.series === undefined ? {} : { series: { ...scaled, ...readings } })
  }
}

describe('the judge of any scenario', () => {
  it('mirrors every verdict when the sides are swapped', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(simulated, (measured) => {
        const swapped = mapBlocks(measured, (item) => ({
          ...item,
          side: item.side === 'baseline' ? 'candidate' : 'baseline'
        }))
        const [before, after] = [judge(measured), judge(swapped)]
        seen.add(`${measured.scenario} ${before.verdict}`)
        expect(after.metrics.map(({ metric, verdict }) => ({ metric, verdict }))).toEqual(
          before.metrics.map(({ metric, verdict }) => ({ metric, verdict: MIRRORED[verdict] }))
        )
      }),
      { ...RUNS, numRuns: 120 }
    )
    for (const scenario of ['server', 'ramp', 'generate', 'cold_start', 'soak']) {
      expect([...seen]).toContain(`${scenario} regression`)
    }
  })

  it('does not depend on the unit of time', () => {
    fc.assert(
      fc.property(simulated, fc.constantFrom(0.25, 8), (measured, factor) => {
        const ms = (limit: number) => limit * factor
        const rescaled: MeasuredCase = {
          ...mapBlocks(measured, (item) => {
            const scaled = stretch(item, factor)
            const load = item.load && {
              ...item.load,
              offeredPerS: item.load.offeredPerS / factor,
              lastNs: item.load.lastNs * factor
            }
            return load === undefined ? scaled : { ...scaled, load }
          }),
          slo: measured.slo && { ...measured.slo, latencyMs: ms(measured.slo.latencyMs) },
          goodput: measured.goodput && { ttftMs: ms(measured.goodput.ttftMs), itlMs: ms(measured.goodput.itlMs) }
        }
        const verdicts = (of: MeasuredCase) => judge(of).metrics.map(({ metric, verdict }) => ({ metric, verdict }))
        expect(verdicts(rescaled)).toEqual(verdicts(measured))
      }),
      RUNS
    )
  })

  it('never finds a candidate better for answering later', () => {
    fc.assert(
      fc.property(simulated, fc.double({ min: 1.001, max: 1.5, noNaN: true }), (measured, factor) => {
        const slower = mapBlocks(measured, (item) => (item.side === 'baseline' ? item : stretch(item, factor)))
        const [before, after] = [summariseRounds(measured.blocks, measured), summariseRounds(slower.blocks, slower)]
        for (const [index, round] of before.entries()) {
          for (const [metric, effect] of Object.entries(round.effects)) {
            const later = after[index]?.effects[metric as keyof typeof METRIC_FACTS]
            // The drift and memory of a side do not depend on its level; rates of an open loop on when it ended.
            if (effect === null || later === null || later === undefined) continue
            expect(later.slowdown).toBeGreaterThanOrEqual(effect.slowdown - 1e-9)
          }
        }
      }),
      RUNS
    )
  })

  it('has an answer for any blocks and any scenario', () => {
    const list = fc.array(fc.constantFrom(1e-300, 1, 5, 1e6, 1e300), { maxLength: 3 })
    const anyBlock: fc.Arbitrary<Block> = fc
      .record({
        side: fc.constantFrom('baseline' as const, 'candidate' as const),
        launch: fc.nat({ max: 7 }),
        quad: fc.nat({ max: 2 }),
        wallNs: fc.constantFrom(1, 1e300),
        latenciesNs: list,
        errors: fc.oneof(fc.nat({ max: 3 }), fc.maxSafeNat()),
        offeredPerS: fc.constantFrom(1e-300, 1, 2, 1e300),
        late: fc.nat({ max: 2 }),
        lastNs: fc.constantFrom(0, 1, 1e300),
        withSeries: fc.boolean(),
        withLoad: fc.boolean()
      })
      .map(({ offeredPerS, late, lastNs, withSeries, withLoad, ...item }) => {
        const times = item.latenciesNs
        const series = {
          queueNs: times,
          serviceNs: times,
          ttftNs: times,
          itlNs: times,
          processNs: times,
          rssBytes: times
        }
        const load = { offeredPerS, arrivals: times.length + late, late, timedOut: 0, dropped: 0, lastNs }
        return {
          ...item,
          ...(withSeries ? { series: { ...series, inferences: times.map((_, index) => index) } } : {}),
          ...(withLoad ? { load } : {})
        }
      })
    fc.assert(
      fc.property(
        fc.array(anyBlock, { maxLength: 60 }),
        fc.constantFrom(...ScenarioKind.options),
        (blocks, scenario) => {
          const judged = judge({
            id: 'any',
            scenario,
            slo: { percentile: 'p95', latencyMs: 5 },
            goodput: { ttftMs: 5, itlMs: 5 },
            blocks
          })
          expect(JSON.parse(JSON.stringify(judged))).toEqual(judged)
        }
      ),
      { numRuns: 400, seed: 4 }
    )
  })
})
