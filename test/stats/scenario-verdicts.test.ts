import { describe, expect, it } from 'vitest'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { decidingMetricsOf, type Metric, metricsOf } from '#contracts/metric.ts'
import { ScenarioKind } from '#contracts/scenario.ts'
import { judgeOne, row } from './judge-one.ts'
import { simulateDecoder, simulateQueue, simulateSoak, simulateStarts } from './simulate-scenarios.ts'

function called(measured: MeasuredCase): readonly Metric[] {
  return judgeOne(measured)
    .metrics.filter(({ verdict }) => verdict === 'regression')
    .map(({ metric }) => metric)
}

describe.each([0.5, 0.7, 0.9])('a server at %d of its capacity', (utilisation) => {
  it('with identical code is never called different', () => {
    const verdicts = [1, 2, 3, 4, 5, 6].map(
      (seed) => judgeOne(simulateQueue({ utilisation, seed, rounds: 12 })).verdict
    )

    for (const verdict of verdicts) expect(['unchanged', 'inconclusive']).toContain(verdict)
    expect(verdicts.filter((verdict) => verdict === 'unchanged').length).toBeGreaterThanOrEqual(4)
  })

  it('with 5 % more service time is a regression, and throughput is not the reason', () => {
    const judged = judgeOne(simulateQueue({ utilisation, slowdown: 1.05, rounds: 6 }))

    expect(judged.verdict).toBe('regression')
    expect(row(judged, 'service_p50').relativeChange).toBeCloseTo(0.05, 2)
    expect(row(judged, 'p50').relativeChange).toBeGreaterThan(0.05)
    expect(row(judged, 'throughput').verdict).not.toBe('regression')
  })
})

describe('an open loop that is judged', () => {
  it('shows pooled levels without intervals, because requests wait for each other', () => {
    const p50 = row(judgeOne(simulateQueue()), 'p50')

    expect(p50.baseline).toBeGreaterThan(10e6)
    expect(p50.baselineInterval).toBeNull()
  })

  it('tells offered and achieved rates, waiting and service', () => {
    const { facts } = judgeOne(simulateQueue({ utilisation: 0.7 }))

    if (facts?.kind !== 'open_loop') throw new Error('facts are missing')
    const { offeredPerS, achievedPerS, queue, service, latency, failed } = facts.sides.candidate
    expect(offeredPerS).toBeCloseTo(70, 9)
    expect(Math.abs((achievedPerS ?? 0) - 70)).toBeLessThan(5)
    expect(service?.p50).toBeGreaterThan(9.5e6)
    expect(service?.p50).toBeLessThan(10.5e6)
    // M/D/1: of 100 requests, 30 do not wait.
    expect(queue?.p50).toBeGreaterThan(0)
    expect(latency?.p99).toBeGreaterThan(30e6)
    expect(failed).toBe(0)
  })

  it('warns of a side that does not keep up, and finds its throughput lower', () => {
    const judged = judgeOne(simulateQueue({ utilisation: 0.9, slowdown: 1.3, rounds: 6 }))

    expect(judged.warnings.join()).toMatch(
      /^The candidate did not keep up: 7\d(?:\.\d)? answers per second of 90 offered/
    )
    expect(called(simulateQueue({ utilisation: 0.9, slowdown: 1.3, rounds: 6 }))).toContain('throughput')
  })

  it('is inconclusive for late arrivals, not slow', () => {
    const measured = simulateQueue({ slowdown: 1.2, rounds: 8 })
    const late = measured.blocks.map((item) =>
      item.load === undefined ? item : { ...item, load: { ...item.load, late: item.side === 'candidate' ? 20 : 0 } }
    )

    const judged = judgeOne({ ...measured, blocks: late })

    expect(judged.reason).toEqual({ kind: 'arrivals_late', dropped: 8, rounds: 8 })
    expect(row(judged, 'p50').baseline).toBeNull()
    expect(judged.facts).toMatchObject({
      sides: { candidate: { latency: null, lateShare: expect.closeTo(20 / 210, 9) } }
    })
    expect(judged.warnings).toEqual([
      'Quads in which the harness sent more than 1 % of the requests late were left out: 16.'
    ])
  })

  it('does not take a jam that fails many requests at once for a higher error rate', () => {
    const measured = simulateQueue({ rounds: 8 })
    const jammed = measured.blocks.map((item, index) => (index === 1 ? { ...item, errors: 60 } : item))
    const everywhere = measured.blocks.map((item) => (item.side === 'candidate' ? { ...item, errors: 6 } : item))

    expect(judgeOne({ ...measured, blocks: jammed }).reason?.kind).not.toBe('error_rates_differ')
    expect(judgeOne({ ...measured, scenario: 'single_stream', blocks: jammed }).reason?.kind).toBe('error_rates_differ')
    expect(judgeOne({ ...measured, blocks: everywhere }).reason?.kind).toBe('error_rates_differ')
  })
})

describe('a ramp', () => {
  const RATES = [0.3, 0.45, 0.6, 0.75, 0.9]

  it('with a slower candidate sustains a lower rate', () => {
    const judged = judgeOne(simulateQueue({ utilisation: RATES, slowdown: 1.25, rounds: 9, segmentS: 6 }))

    const rate = row(judged, 'sustained_rate')
    expect(rate.verdict).toBe('regression')
    expect(rate.unit).toBe('requests/s')
    expect(rate.relativeChange).toBeLessThan(-0.15)
    expect(rate.candidate).toBeLessThan(rate.baseline ?? 0)
    expect(judged.metrics.map(({ metric }) => metric)).toEqual(['p50', 'sustained_rate'])
  })

  it('shows the curve of each side with its knee and the rate that it sustains', () => {
    const { facts } = judgeOne(simulateQueue({ utilisation: RATES, rounds: 6 }))

    if (facts?.kind !== 'ramp') throw new Error('facts are missing')
    const { points, knee, sustained, sustainedInterval } = facts.sides.baseline
    expect(points.map(({ ratePerS }) => Math.round(ratePerS))).toEqual([30, 45, 60, 75, 90])
    expect(points.map(({ p95Ns }) => p95Ns)).toEqual(
      points.map(({ p95Ns }) => p95Ns).toSorted((a, b) => Number(a) - Number(b))
    )
    expect(knee.kind).toBe('found')
    expect(sustained?.kind).toBe('found')
    expect(sustainedInterval?.low).toBeLessThan(sustainedInterval?.value ?? 0)
  })

  it('that neither side keeps at any rate says so', () => {
    const measured = simulateQueue({ utilisation: RATES, rounds: 6 })

    const judged = judgeOne({ ...measured, slo: { percentile: 'p50', latencyMs: 1 } })

    expect(judged.verdict).toBe('inconclusive')
    expect(row(judged, 'sustained_rate')).toMatchObject({
      verdict: 'not_assessed',
      reason: { kind: 'objective_never_kept' }
    })
  })

  it('that only the baseline keeps is a regression', () => {
    const measured = simulateQueue({ utilisation: RATES, slowdown: 2.5, rounds: 9 })

    expect(called({ ...measured, slo: { percentile: 'p95', latencyMs: 30 } })).toContain('sustained_rate')
  })
})

describe('cold starts', () => {
  it('of identical code pass', () => {
    expect(judgeOne(simulateStarts({ rounds: 12 })).verdict).toBe('unchanged')
  })

  it('that create the session more slowly are a regression, and the phases say where', () => {
    const judged = judgeOne(simulateStarts({ createSlowdown: 1.5 }))

    expect(judged.verdict).toBe('regression')
    if (judged.facts?.kind !== 'cold_start') throw new Error('facts are missing')
    const [process, , create] = judged.facts.phases
    expect(judged.facts.phases.map(({ phase }) => phase)).toEqual(['process', 'require', 'create', 'first'])
    expect(create?.ratio?.low).toBeGreaterThan(1.3)
    expect(process?.ratio?.low).toBeLessThan(1)
    expect(process?.ratio?.high).toBeGreaterThan(1)
  })
})

describe('generating', () => {
  it('of identical code passes', () => {
    expect(judgeOne(simulateDecoder({ rounds: 12 })).verdict).toBe('unchanged')
  })

  it('tells slow tokens from a slow first token', () => {
    const gaps = called(simulateDecoder({ gapSlowdown: 1.1 }))
    const first = called(simulateDecoder({ firstSlowdown: 1.2 }))

    expect(gaps).toContain('itl')
    expect(gaps).toContain('tokens_per_s')
    expect(gaps).not.toContain('ttft')
    expect(first).toContain('ttft')
    expect(first).not.toContain('itl')
  })

  it('shows rates upwards and goodput as a share', () => {
    const judged = judgeOne(simulateDecoder({ gapSlowdown: 1.2 }))

    expect(row(judged, 'tokens_per_s')).toMatchObject({ unit: 'tokens/s', verdict: 'regression' })
    expect(row(judged, 'tokens_per_s').relativeChange).toBeLessThan(-0.1)
    expect(row(judged, 'goodput').relativeChange).toBeLessThan(-0.5)
    expect(row(judged, 'goodput').baseline).toBeGreaterThan(0.8)
  })

  it('without an objective has no goodput, and is not short of it', () => {
    const { goodput: _, ...measured } = simulateDecoder()

    expect(judgeOne(measured).metrics.map(({ metric }) => metric)).not.toContain('goodput')
  })

  it('without its series is not assessed', () => {
    const measured = simulateDecoder()
    const bare = { ...measured, blocks: measured.blocks.map(({ series: _, ...rest }) => rest) }

    expect(row(judgeOne(bare), 'ttft')).toMatchObject({ verdict: 'not_assessed', reason: { kind: 'not_recorded' } })
    expect(judgeOne(bare).verdict).toBe('inconclusive')
  })
})

describe('a soak', () => {
  it('of identical code passes', () => {
    expect(judgeOne(simulateSoak()).verdict).toBe('unchanged')
  })

  it('finds what each request leaves behind', () => {
    const judged = judgeOne(simulateSoak({ leakBytes: 2000, rounds: 9 }))

    const growth = row(judged, 'memory_growth')
    expect(growth).toMatchObject({ verdict: 'regression', unit: 'bytes/1000 requests', threshold: 65_536 })
    expect(growth.relativeChange).toBeGreaterThan(1e6)
    expect(growth.relativeChange).toBeLessThan(3e6)
  })

  it('finds latency that grows on one side only', () => {
    expect(called(simulateSoak({ lateSlowdown: 1.2 }))).toContain('latency_drift')
  })
})

describe('every scenario', () => {
  it.each(ScenarioKind.options)('%s has deciding metrics among its metrics', (scenario) => {
    expect(decidingMetricsOf(scenario).length).toBeGreaterThan(0)
    for (const metric of decidingMetricsOf(scenario)) expect(metricsOf(scenario)).toContain(metric)
  })

  it('names its scenario where the file does, and only there', () => {
    const { scenario: _, ...unnamed } = simulateSoak()

    expect(judgeOne(simulateSoak()).scenario).toBe('soak')
    expect('scenario' in judgeOne(unnamed)).toBe(false)
    expect('facts' in judgeOne(unnamed)).toBe(false)
  })
})
