import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BudgetName, Budgets } from '#contracts/budgets.ts'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { formatAmount } from '#src/budgets/format-amount.ts'
import { type BudgetJudgement, judgeBudgets } from '#src/budgets/judge-budgets.ts'
import { simulateCase } from '#test/stats/build-measurements.ts'
import { simulateDecoder, simulateQueue, simulateSoak, simulateStarts } from '#test/stats/simulate-scenarios.ts'

function judge(measured: MeasuredCase, budgets: Budgets, rest = {}): BudgetJudgement {
  const [only] = judgeBudgets([{ measured, budgets, ...rest }])
  if (only === undefined) throw new Error('the budget is missing')
  return only
}

describe('a budget', () => {
  const MEASURED = simulateCase({ slowdown: 1.1, launchScatter: 0.02, quads: 60 })

  it('is kept where the whole interval is below it, and broken where it is above', () => {
    expect(judge(MEASURED, { p50Ms: 2.5 })).toMatchObject({ verdict: 'kept', reason: null, rounds: 9, limit: 2.5e6 })
    expect(judge(MEASURED, { p50Ms: 2.1 })).toMatchObject({ verdict: 'broken', reason: null })
    expect(judge(MEASURED, { p50Ms: 2.2 })).toMatchObject({ verdict: 'undecided', reason: 'straddles_limit' })
  })

  it('is judged by the candidate, and tells whether the baseline broke it already', () => {
    expect(judge(MEASURED, { p50Ms: 2.1 }).baseline?.verdict).toBe('kept')
    expect(judge(MEASURED, { p50Ms: 1.5 }).baseline?.verdict).toBe('broken')
  })

  it('encloses the level with its bounds', () => {
    const { candidate } = judge(MEASURED, { p50Ms: 2.2 })

    expect(candidate?.value).toBeGreaterThan(2.1e6)
    expect(candidate?.value).toBeLessThan(2.3e6)
    expect(candidate?.low).toBeLessThan(candidate?.value ?? 0)
    expect(candidate?.high).toBeGreaterThan(candidate?.value ?? Number.MAX_VALUE)
  })

  it('is undecided where the machine was disturbed', () => {
    const disturbed = judge(simulateCase({ quads: 60 }), { p50Ms: 1 }, { isDisturbed: true })

    expect(disturbed).toMatchObject({ verdict: 'undecided', reason: 'environment' })
  })

  it('is undecided before six rounds, and where nothing was measured', () => {
    expect(judge(simulateCase({ launches: 5 }), { p50Ms: 100 })).toMatchObject({ reason: 'too_few_rounds' })
    expect(judge(MEASURED, { ttftMs: 100 })).toMatchObject({ verdict: 'undecided', reason: 'not_measured' })
    // 99 requests of a side per round: p99 lies beyond all of them.
    expect(judge(simulateCase({ quads: 16 }), { p99Ms: 100 })).toMatchObject({ reason: 'not_measured' })
  })

  it.each<[BudgetName, MeasuredCase, number, number]>([
    ['p95Ms', simulateCase(), 3, 1],
    ['p99Ms', simulateCase({ quads: 60 }), 3, 1],
    ['ttftMs', simulateDecoder(), 50, 30],
    ['itlMs', simulateDecoder(), 7, 4],
    ['readyMs', simulateStarts({ rounds: 12 }), 400, 200],
    ['memoryPeakMb', simulateSoak(), 250, 100],
    ['errorRate', simulateQueue({ utilisation: 0.9, timeoutMs: 30 }), 0.5, 0.001]
  ])('of at most so much: %s', (name, measured, kept, broken) => {
    expect(judge(measured, { [name]: kept }).verdict).toBe('kept')
    expect(judge(measured, { [name]: broken }).verdict).toBe('broken')
  })

  it.each<[BudgetName, MeasuredCase, number, number]>([
    ['minThroughputPerS', simulateCase(), 400, 600],
    ['minThroughputPerS', simulateQueue({ rounds: 20 }), 55, 80],
    ['minSustainedRatePerS', simulateQueue({ utilisation: [0.3, 0.45, 0.6, 0.75, 0.9], segmentS: 6 }), 35, 85],
    ['minTokensPerS', simulateDecoder(), 100, 200],
    ['minGoodput', simulateDecoder({ quads: 8, requestSd: 0.05 }), 0.6, 0.999]
  ])('of at least so much: %s', (name, measured, kept, broken) => {
    expect(judge(measured, { [name]: kept }).verdict).toBe('kept')
    expect(judge(measured, { [name]: broken }).verdict).not.toBe('kept')
    if (name !== 'minGoodput') expect(judge(measured, { [name]: broken }).verdict).toBe('broken')
  })

  it('cannot be told where the ramp offers no such rate', () => {
    const easy = simulateQueue({ utilisation: [0.1, 0.2, 0.3] })
    const hard = {
      ...simulateQueue({ utilisation: [0.5, 0.7, 0.9] }),
      slo: { percentile: 'p50', latencyMs: 1 }
    } as const

    expect(judge(easy, { minSustainedRatePerS: 60 })).toMatchObject({ verdict: 'undecided', reason: 'outside_ramp' })
    expect(judge(hard, { minSustainedRatePerS: 20 })).toMatchObject({ verdict: 'undecided', reason: 'outside_ramp' })
    expect(judge(hard, { minSustainedRatePerS: 60 }).verdict).toBe('broken')
  })

  it('of failing requests needs enough of them to be kept', () => {
    const few = simulateCase({ launches: 6, quads: 20 })

    // 720 requests without a failure prove a rate below 0.69 %, not below 0.1 %.
    expect(judge(few, { errorRate: 0.007 }).verdict).toBe('kept')
    expect(judge(few, { errorRate: 0.001 })).toMatchObject({ verdict: 'undecided', candidate: { value: 0, low: 0 } })
  })

  it('takes peaks from the record of the machine where there is one', () => {
    const peakBytes = { baseline: new Array(9).fill(1e8), candidate: new Array(9).fill(3e8) }

    expect(judge(simulateCase(), { memoryPeakMb: 200 }, { peakBytes })).toMatchObject({
      verdict: 'broken',
      candidate: { value: expect.closeTo(3e8, 0) },
      baseline: { verdict: 'kept' }
    })
  })

  it('comes worst first', () => {
    const budgets: Budgets = { p50Ms: 100, p95Ms: 1, p99Ms: 0.5, ttftMs: 5, minThroughputPerS: 500 }

    const judged = judgeBudgets([{ measured: simulateCase({ quads: 60 }), budgets }])

    expect(judged.map(({ name }) => name)).toEqual(['p99Ms', 'p95Ms', 'ttftMs', 'minThroughputPerS', 'p50Ms'])
  })

  it('never gets better when every answer of the candidate takes longer', () => {
    const RANK = { kept: 0, undecided: 1, broken: 2 }
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1.5, noNaN: true }),
        fc.double({ min: 1.6, max: 2.6, noNaN: true }),
        fc.integer(),
        (factor, p50Ms, seed) => {
          const measured = simulateCase({ launchScatter: 0.03, seed })
          const slower = measured.blocks.map((item) =>
            item.side === 'baseline' ? item : { ...item, latenciesNs: item.latenciesNs.map((ns) => ns * factor) }
          )
          const [before, after] = [judge(measured, { p50Ms }), judge({ ...measured, blocks: slower }, { p50Ms })]
          expect(RANK[after.verdict]).toBeGreaterThanOrEqual(RANK[before.verdict])
          expect(after.baseline).toEqual(before.baseline)
        }
      ),
      { numRuns: 100, seed: 4 }
    )
  })

  it('at exactly the true level is called broken or kept in few runs', () => {
    const called = Array.from({ length: 200 }, (_, seed) =>
      judge(simulateCase({ launchScatter: 0.02, scatter: 0.001, quads: 3, seed: seed + 1 }), { p50Ms: 2 })
    ).filter(({ verdict }) => verdict !== 'undecided')

    // Each bound is wrong with 0.7 %: 2.8 of 200 in the mean.
    expect(called.length).toBeLessThanOrEqual(9)
  })
})

it('writes amounts with their units', () => {
  expect([
    formatAmount(21_340_000, 'ns'),
    formatAmount(512_400_000, 'bytes'),
    formatAmount(0.0123, 'share'),
    formatAmount(1180.4, 'requests/s'),
    formatAmount(87.25, 'tokens/s')
  ]).toEqual(['21.3 ms', '512 MB', '1.23 %', '1,180/s', '87.3 tokens/s'])
})
