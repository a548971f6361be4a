import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { judgeRun } from '#stats/judge-run.ts'
import type { Verdict } from '#stats/verdict.ts'
import { block, simulateCase } from './build-measurements.ts'

const RUNS = { numRuns: 60, seed: 20 }

/** Small cases from clearly faster to clearly slower, quiet to noisy, warm or not, with tails assessed or not. */
const simulated = fc
  .record({
    launches: fc.integer({ min: 5, max: 12 }),
    quads: fc.constantFrom(3, 5, 12),
    requestsPerBlock: fc.constantFrom(1, 3, 5),
    latencyNs: fc.constantFrom(20_000, 2_000_000),
    slowdown: fc.oneof(fc.constant(1), fc.double({ min: 0.85, max: 1.2, noNaN: true })),
    scatter: fc.constantFrom(0.001, 0.02, 0.1),
    launchScatter: fc.constantFrom(0, 0.03, 0.1),
    coldExcess: fc.constantFrom(0, 0, 0, 0.1),
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

const NO_FLOOR = { absoluteFloorNs: 0 }

const EVERY_KIND = [
  'case regression',
  'case improvement',
  'case unchanged',
  'case inconclusive',
  'regression',
  'improvement',
  'unchanged',
  'not_assessed too_few_requests',
  'inconclusive straddles_margin',
  'inconclusive not_significant',
  'inconclusive too_few_rounds',
  'inconclusive below_absolute_floor',
  'inconclusive not_steady'
]

type BlockOfCase = MeasuredCase['blocks'][number]

/** Both blocks of the baseline first: which side began a quad says nothing. */
function byPlaceThenSide(a: BlockOfCase, b: BlockOfCase): number {
  return a.launch - b.launch || a.quad - b.quad || a.side.localeCompare(b.side)
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

/** Enough for every metric; every tenth request has an odd latency. */
function extremeLaunch(
  levels: { readonly baseline: number; readonly candidate: number; readonly odd: number },
  launch: number
) {
  return [0, 1, 2, 3].flatMap((quad) =>
    (['baseline', 'candidate'] as const).map((side) =>
      block(
        side,
        Array.from({ length: 40 }, (_, index) => (index % 10 === 3 ? levels.odd : levels[side])),
        { launch, quad, wallNs: Number.MAX_VALUE }
      )
    )
  )
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
      fc.property(simulated, fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), (measured, keys) => {
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
      }),
      RUNS
    )
  })

  it('never turns a case to the better when every request of the candidate takes longer', () => {
    fc.assert(
      fc.property(simulated, fc.double({ min: 1.001, max: 1.3, noNaN: true }), (measured, factor) => {
        const slower = mapBlocks(measured, (item) =>
          item.side === 'baseline'
            ? item
            : { ...item, latenciesNs: item.latenciesNs.map((latencyNs) => latencyNs * factor) }
        )
        const [before, after] = [measured, slower].map((value) => judgeRun({ cases: [value] }, NO_FLOOR).cases[0])
        // Inconclusive lies on both sides of unchanged: an improvement that was not certain may settle as no change.
        if (after?.verdict === 'improvement') expect(before?.verdict).toBe('improvement')
        if (before?.verdict === 'regression') expect(['regression', 'inconclusive']).toContain(after?.verdict)
        if (before?.verdict === 'unchanged') expect(after?.verdict).not.toBe('improvement')
      }),
      { numRuns: 200, seed: 20 }
    )
  })

  it('never turns to the better when every request of the candidate takes so many nanoseconds longer', () => {
    fc.assert(
      fc.property(simulated, fc.double({ min: 0.001, max: 0.3, noNaN: true }), (measured, share) => {
        const slower = mapBlocks(measured, (item) => {
          if (item.side === 'baseline') return item
          const moreNs = share * Math.min(...item.latenciesNs)
          return { ...item, latenciesNs: item.latenciesNs.map((latencyNs) => latencyNs + moreNs) }
        })
        const before = verdictsOf(measured, NO_FLOOR) ?? []
        for (const [index, after] of (verdictsOf(slower, NO_FLOOR) ?? []).entries()) {
          if (after.verdict === 'improvement') expect(before[index]?.verdict).toBe('improvement')
          if (before[index]?.verdict === 'regression') expect(after.verdict).not.toBe('unchanged')
        }
      }),
      RUNS
    )
  })

  it('was tried on every kind of verdict and reason by these properties', () => {
    const seen = new Map<string, number>()
    for (const measured of fc.sample(simulated, { numRuns: 400, seed: 20 })) {
      const [only] = judgeRun({ cases: [measured] }).cases
      const kinds = (only?.metrics ?? []).map(({ verdict, reason }) => `${verdict} ${reason?.kind ?? ''}`.trim())
      for (const kind of new Set([`case ${only?.verdict}`, ...kinds])) seen.set(kind, (seen.get(kind) ?? 0) + 1)
    }

    for (const kind of EVERY_KIND) expect([kind, (seen.get(kind) ?? 0) >= 2]).toEqual([kind, true])
  })

  it('does not depend on the order of the cases, nor on the order of the sides within a quad', () => {
    fc.assert(
      fc.property(simulated, simulated, (one, two) => {
        const cases = [
          { ...one, id: 'one' },
          { ...two, id: 'two' }
        ]
        const turned = cases.map((item) => ({ ...item, blocks: item.blocks.toSorted(byPlaceThenSide) }))
        const run = judgeRun({ cases })
        expect(judgeRun({ cases: cases.toReversed() }).cases.toReversed()).toEqual(run.cases)
        expect(judgeRun({ cases: turned }).cases.map(({ verdict }) => verdict)).toEqual(
          run.cases.map(({ verdict }) => verdict)
        )
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

  it.each(['planned_looks', 'open_ended'] as const)('shows only finite numbers of the wildest rounds (%s)', (kind) => {
    const extreme = fc.constantFrom(Number.MIN_VALUE, 1e-300, 1, 1e150, 1e300, Number.MAX_VALUE)
    const levels = fc.record({ baseline: extreme, candidate: extreme, odd: extreme })
    fc.assert(
      fc.property(fc.array(levels, { minLength: 9, maxLength: 9 }), (launches) => {
        const cases = [{ id: 'x', blocks: launches.flatMap(extremeLaunch) }]
        const text = JSON.stringify(judgeRun({ cases }, { design: { kind } }), (_, value: unknown) =>
          typeof value === 'number' && !Number.isFinite(value) ? 'BROKEN' : value
        )
        expect(text).not.toContain('BROKEN')
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
