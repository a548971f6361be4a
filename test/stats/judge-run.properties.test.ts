import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { judgeRun } from '#stats/judge-run.ts'
import type { Verdict } from '#stats/verdict.ts'
import { block, simulateCase } from './build-measurements.ts'

const RUNS = { numRuns: 60, seed: 20 }

/** Small cases from clearly faster to clearly slower, quiet to noisy, with tails assessed or not. */
const simulated = fc
  .record({
    launches: fc.integer({ min: 4, max: 10 }),
    quads: fc.constantFrom(3, 5, 12),
    requestsPerBlock: fc.constantFrom(1, 3, 5),
    slowdown: fc.double({ min: 0.9, max: 1.12, noNaN: true }),
    scatter: fc.constantFrom(0.001, 0.02, 0.1),
    seed: fc.integer()
  })
  .map(simulateCase)

/** Anything that the contract lets through: few blocks, odd numbers, empty sides. */
const anyBlock = fc.record({
  side: fc.constantFrom('baseline' as const, 'candidate' as const),
  launch: fc.nat({ max: 7 }),
  quad: fc.nat({ max: 3 }),
  wallNs: fc.constant(1),
  latenciesNs: fc.array(fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }), { maxLength: 4 }),
  errors: fc.oneof(fc.nat({ max: 3 }), fc.maxSafeNat())
})

const MIRRORED: Readonly<Record<Verdict | 'not_assessed', Verdict | 'not_assessed'>> = {
  regression: 'improvement',
  improvement: 'regression',
  unchanged: 'unchanged',
  inconclusive: 'inconclusive',
  not_assessed: 'not_assessed'
}

function verdictsOf(measured: MeasuredCase, options = {}) {
  const [only] = judgeRun({ cases: [measured] }, options).cases
  return only?.metrics.map(({ metric, verdict, significant }) => ({ metric, verdict, significant }))
}

function mapBlocks(
  measured: MeasuredCase,
  map: (item: MeasuredCase['blocks'][number]) => MeasuredCase['blocks'][number]
) {
  return { ...measured, blocks: measured.blocks.map(map) }
}

describe('judgeRun, for any measurements', () => {
  it('mirrors every verdict when the sides are swapped', () => {
    fc.assert(
      fc.property(simulated, (measured) => {
        const swapped = mapBlocks(measured, (item) => ({
          ...item,
          side: item.side === 'baseline' ? 'candidate' : 'baseline'
        }))
        const mirrored = verdictsOf(measured)?.map((item) => ({ ...item, verdict: MIRRORED[item.verdict] }))
        expect(verdictsOf(swapped)).toEqual(mirrored)
      }),
      RUNS
    )
  })

  it('does not depend on the unit of the latencies, apart from the absolute floor', () => {
    fc.assert(
      fc.property(simulated, fc.constantFrom(1e-6, 1e-3, 7, 1e6), (measured, scale) => {
        const rescaled = mapBlocks(measured, (item) => ({
          ...item,
          latenciesNs: item.latenciesNs.map((latencyNs) => latencyNs * scale)
        }))
        const options = { absoluteFloorNs: 0 }
        expect(verdictsOf(rescaled, options)).toEqual(verdictsOf(measured, options))
      }),
      RUNS
    )
  })

  it('does not depend on the order or the numbers of the launches', () => {
    fc.assert(
      fc.property(simulated, fc.array(fc.nat(), { minLength: 10, maxLength: 10 }), (measured, keys) => {
        const order = keys.map((key, launch) => ({ key, launch })).sort((a, b) => a.key - b.key)
        const blocks = order.flatMap(({ launch }, renamed) =>
          measured.blocks.filter((item) => item.launch === launch).map((item) => ({ ...item, launch: renamed }))
        )
        const estimates = (value: MeasuredCase) =>
          judgeRun({ cases: [value] }).cases[0]?.metrics.map(({ relativeChange, interval, pValue, verdict }) => ({
            relativeChange,
            interval,
            pValue,
            verdict
          }))
        expect(estimates({ ...measured, blocks })).toEqual(estimates(measured))
      }),
      RUNS
    )
  })

  it('never gets better for the candidate when every request of it takes longer', () => {
    fc.assert(
      fc.property(simulated, fc.double({ min: 1.001, max: 1.3, noNaN: true }), (measured, factor) => {
        const slower = mapBlocks(measured, (item) =>
          item.side === 'baseline'
            ? item
            : { ...item, latenciesNs: item.latenciesNs.map((latencyNs) => latencyNs * factor) }
        )
        const [before] = judgeRun({ cases: [measured] }).cases
        const [after] = judgeRun({ cases: [slower] }).cases
        for (const [index, metric] of (before?.metrics ?? []).entries()) {
          const later = after?.metrics[index]
          if (metric.relativeChange === null || later === undefined || later.relativeChange === null) continue
          const worsening = (later.relativeChange - metric.relativeChange) * (metric.metric === 'throughput' ? -1 : 1)
          expect(worsening).toBeGreaterThanOrEqual(-1e-12)
        }
        // A verdict itself may fade, because Holm's correction looks at all metrics together; it never turns around.
        const [p50Before, p50After] = [before?.metrics[0]?.verdict, after?.metrics[0]?.verdict]
        if (p50After === 'improvement') expect(p50Before).toBe('improvement')
      }),
      RUNS
    )
  })

  it('answers without throwing, with finite numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyBlock, { maxLength: 60 }), { maxLength: 3 }), (cases) => {
        const run = judgeRun({ cases: cases.map((blocks, index) => ({ id: String(index), blocks })) })
        JSON.stringify(run, (_, value: unknown) => {
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true)
          return value
        })
        for (const row of run.cases.flatMap(({ metrics }) => metrics)) {
          const needsReason = row.verdict === 'inconclusive' || row.verdict === 'not_assessed'
          expect(row.reason !== null).toBe(needsReason)
        }
      }),
      { numRuns: 300, seed: 20 }
    )
  })

  it('keeps its verdict when a case without any block joins the run', () => {
    fc.assert(
      fc.property(simulated, (measured) => {
        const alone = judgeRun({ cases: [measured] }).cases[0]
        const joined = judgeRun({ cases: [measured, { id: 'empty', blocks: [] }] }).cases[0]
        expect(joined).toEqual(alone)
      }),
      RUNS
    )
  })

  it('does not change its input', () => {
    const frozen = Object.freeze([3, 1, 2])
    const blocks = [0, 1, 2, 3, 4, 5].flatMap((launch) => [
      block('baseline', [...frozen].reverse(), { launch }),
      block('candidate', [...frozen], { launch })
    ])
    const before = JSON.stringify(blocks)

    judgeRun({ cases: [{ id: 'x', blocks }] })

    expect(JSON.stringify(blocks)).toBe(before)
  })
})
