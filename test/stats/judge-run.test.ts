import { describe, expect, it } from 'vitest'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { judgeRun } from '#stats/judge-run.ts'
import { block, simulateCase } from './build-measurements.ts'
import { judgeOne, row, steadyCase } from './judge-one.ts'

describe('judgeRun, reasons', () => {
  it('says that a change beyond its limit is not certain enough, when only the correction for many tests stops it', () => {
    // p50 of six rounds: about 10 % with an SD of 4 %. p is near 0.002; Holm asks for 0.016 / 5 = 0.0032 of the best
    // test and 0.016 / 500 = 0.000032 of the best among a hundred cases.
    const uncertain = steadyCase([1050, 1150, 1080, 1120, 1060, 1140])
    const others = Array.from({ length: 99 }, (_, index) => ({ ...uncertain, id: `other ${index}` }))

    const comparison = judgeRun({ cases: [uncertain, ...others] }).cases[0]

    expect(comparison?.metrics.find(({ metric }) => metric === 'p50')).toMatchObject({
      verdict: 'inconclusive',
      significant: false,
      reason: { kind: 'not_significant', comparisons: 500 }
    })
  })
})

describe('judgeRun, numbers', () => {
  it('estimates the change by the mean of the rounds’ log ratios, with one-sided bounds at γ', () => {
    const candidateNs = [1010, 1020, 1030, 1040, 1050, 1060]
    const logs = candidateNs.map((latencyNs) => Math.log(latencyNs / 1000))
    const mean = logs.reduce((sum, log) => sum + log, 0) / 6
    const sd = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / 5)
    // t(5; 0.993), from tables of the distribution
    const halfWidth = (3.699959204148164 * sd) / Math.sqrt(6)

    const p50 = row(judgeOne(steadyCase(candidateNs)), 'p50')

    expect(p50.relativeChange).toBeCloseTo(Math.expm1(mean), 10)
    expect(p50.interval?.[0]).toBeCloseTo(Math.expm1(mean - halfWidth), 8)
    expect(p50.interval?.[1]).toBeCloseTo(Math.expm1(mean + halfWidth), 8)
    // t(5; 1 − 0.007 / 5 / 2) + t(5; 0.8): five tests in the run, 80 % power
    const detectable = ((6.3801663465928815 + 0.9195437802) * sd) / Math.sqrt(6)
    expect(p50.smallestDetectableChange).toBeCloseTo(Math.expm1(detectable), 8)
  })

  it('gives throughput as candidate over baseline, so that slower is negative', () => {
    const throughput = row(judgeOne(steadyCase([1249, 1250, 1251, 1249, 1250, 1251])), 'throughput')

    expect(throughput).toMatchObject({ unit: 'requests/s', verdict: 'regression', baseline: 1000 })
    expect(throughput.relativeChange).toBeCloseTo(-0.2, 3)
    expect(throughput.interval?.[0]).toBeLessThan(-0.2)
    expect(throughput.interval?.[1]).toBeGreaterThan(-0.2001)
  })

  it('shows quantiles pooled over all requests of a side', () => {
    const p95 = row(judgeOne(steadyCase([1000, 1000, 1000, 1000, 1000, 1600])), 'p95')

    expect(p95).toMatchObject({ unit: 'ns', baseline: 1_000_000, candidate: 1_600_000 })
  })

  it('gives slow share as a difference of shares', () => {
    const every = (slow: number) => Array.from({ length: 60 }, (_, index) => (index % 12 < slow ? 2e6 : 1e6))
    const tail = (launch: number, quad: number, slow: number) => [
      block('baseline', every(0), { launch, quad }),
      block('candidate', every(slow), { launch, quad })
    ]
    const blocks = [1, 2, 1, 2, 1, 2].flatMap((slow, launch) => [...tail(launch, 0, slow), ...tail(launch, 1, slow)])

    const comparison = judgeOne({ id: 'tail', blocks })

    expect(comparison.verdict).toBe('regression')
    expect(row(comparison, 'slow_share')).toMatchObject({ unit: 'share', baseline: 0, verdict: 'regression' })
    expect(row(comparison, 'slow_share').relativeChange).toBeCloseTo(1.5 / 12, 10)
    expect(row(comparison, 'p50').verdict).toBe('unchanged')
  })
})

describe('judgeRun, verdicts', () => {
  it('calls a clear slowdown a regression, its mirror an improvement and identical code unchanged', () => {
    expect(judgeRun({ cases: [simulateCase({ slowdown: 1.1 })] }).verdict).toBe('regression')
    expect(judgeRun({ cases: [simulateCase({ slowdown: 1 / 1.1 })] }).verdict).toBe('improvement')
    expect(judgeRun({ cases: [simulateCase()] }).verdict).toBe('unchanged')
  })

  it('calls a change that is real but below the threshold unchanged, and says that it is significant', () => {
    const p50 = row(judgeOne(steadyCase([1009, 1010, 1011, 1009, 1010, 1011])), 'p50')

    expect(p50).toMatchObject({ verdict: 'unchanged', significant: true, reason: null })
  })

  it('calls noise that reaches past the threshold inconclusive, not unchanged', () => {
    const comparison = judgeOne(steadyCase([900, 1100, 950, 1060, 1000, 1010]))

    expect(comparison).toMatchObject({ verdict: 'inconclusive', reason: { kind: 'straddles_margin' } })
    expect(row(comparison, 'p50').smallestDetectableChange).toBeGreaterThan(0.02)
  })

  it('follows the thresholds of the case and the defaults for the rest', () => {
    const slower = steadyCase([1049, 1050, 1051, 1049, 1050, 1051])

    const comparison = judgeOne({ ...slower, thresholds: { p50: 0.2, throughput: 0.2, slowShare: 0.5 } })

    expect(row(comparison, 'p50')).toMatchObject({ verdict: 'unchanged', threshold: 0.2 })
    expect(row(comparison, 'slow_share').threshold).toBe(0.5)
    expect(row(comparison, 'p95').threshold).toBe(0.05)
  })

  it('reaches no verdict on a latency difference that the timer cannot tell', () => {
    const tiny = steadyCase([1049, 1050, 1051, 1049, 1050, 1051], 1)

    expect(row(judgeOne(tiny), 'p50')).toMatchObject({
      verdict: 'inconclusive',
      reason: { kind: 'below_absolute_floor', floorNs: 2000 }
    })
    expect(row(judgeOne(tiny, { absoluteFloorNs: 0 }), 'p50').verdict).toBe('regression')
  })

  it('compares errors first: different rates leave nothing to say about latency', () => {
    const slower = simulateCase({ slowdown: 1.5 })
    const blocks = slower.blocks.map((item) => (item.side === 'candidate' ? { ...item, errors: 1 } : item))

    const comparison = judgeOne({ ...slower, blocks })

    expect(comparison.verdict).toBe('inconclusive')
    expect(comparison.reason?.kind).toBe('error_rates_differ')
    expect(comparison.errors.candidate).toBe(360)
    expect(comparison.metrics.every(({ verdict }) => verdict === 'inconclusive')).toBe(true)
  })

  it('judges latency when both sides fail alike', () => {
    const slower = simulateCase({ slowdown: 1.5 })
    const blocks = slower.blocks.map((item) => ({ ...item, errors: 1 }))

    expect(judgeOne({ ...slower, blocks }).verdict).toBe('regression')
  })

  it('lets a regression in one metric outweigh an improvement in another', () => {
    const mostlyFaster = Array.from({ length: 60 }, (_, index) => (index % 6 === 0 ? 2e6 : 0.9e6))
    const fasterMedian = (launch: number, quad: number) => [
      block('baseline', new Array(60).fill(1e6), { launch, quad }),
      block('candidate', mostlyFaster, { launch, quad })
    ]
    const blocks = [0, 1, 2, 3, 4, 5].flatMap((launch) => [...fasterMedian(launch, 0), ...fasterMedian(launch, 1)])

    const comparison = judgeOne({ id: 'x', blocks })

    expect(row(comparison, 'p50').verdict).toBe('improvement')
    expect(row(comparison, 'p95').verdict).toBe('regression')
    expect(comparison.verdict).toBe('regression')
  })

  it('finds slow requests also where they always come at the end of a block', () => {
    const lateSlow = [...new Array(50).fill(1e6), ...new Array(10).fill(2e6)]
    const quads = (launch: number) =>
      [0, 1].flatMap((quad) => [
        block('baseline', new Array(60).fill(1e6), { launch, quad }),
        block('candidate', lateSlow, { launch, quad })
      ])

    const comparison = judgeOne({ id: 'x', blocks: [0, 1, 2, 3, 4, 5].flatMap(quads) })

    expect(row(comparison, 'p99').verdict).toBe('regression')
    expect(row(comparison, 'slow_share').verdict).toBe('regression')
  })

  it('passes a model too slow for tail windows on p50 and throughput alone', () => {
    const comparison = judgeOne(simulateCase({ quads: 3, requestsPerBlock: 1, scatter: 0.001 }))

    expect(comparison.verdict).toBe('unchanged')
    expect(row(comparison, 'p95')).toMatchObject({
      verdict: 'not_assessed',
      reason: { kind: 'too_few_requests', requestsPerRound: 6, needed: 24 },
      relativeChange: null,
      interval: null
    })
  })

  it('does not assess a tail that more than a quarter of the rounds could not fill', () => {
    const withShortRounds = (short: number) => {
      const measured = simulateCase({ launches: 12 })
      return { ...measured, blocks: measured.blocks.filter((item) => item.launch >= short || item.quad < 2) }
    }

    expect(row(judgeOne(withShortRounds(3)), 'p95').verdict).toBe('unchanged')
    expect(row(judgeOne(withShortRounds(4)), 'p95')).toMatchObject({
      verdict: 'not_assessed',
      reason: { kind: 'too_few_requests', requestsPerRound: 12, needed: 24 }
    })
  })

  it('takes the worst case as the verdict of the run, and mixed when some got faster and some slower', () => {
    const slower = simulateCase({ id: 'slower', slowdown: 1.1 })
    const faster = simulateCase({ id: 'faster', slowdown: 0.9 })
    const same = simulateCase({ id: 'same' })
    const unknown = simulateCase({ id: 'unknown', launches: 2 })
    const verdict = (...cases: MeasuredCase[]) => judgeRun({ cases }).verdict

    expect(verdict(same, slower, unknown)).toBe('regression')
    expect(verdict(same, slower, unknown, faster)).toBe('mixed')
    expect(verdict(same, unknown, faster)).toBe('inconclusive')
    expect(verdict(same, faster)).toBe('unchanged')
    expect(verdict(faster)).toBe('improvement')
    expect(verdict()).toBe('inconclusive')
  })
})
