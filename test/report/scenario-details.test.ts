import { describe, expect, test } from 'vitest'
import { plotRamp } from '#src/report/plot-ramp.ts'
import { buildReport } from '#src/report/report-model.ts'
import type { ReportScenario } from '#src/report/report-parts.ts'
import type { CurvePoint } from '#stats/ramp-facts.ts'
import { IDENTITY } from './sample-outcomes.ts'
import { scenarioRun } from './sample-scenarios.ts'

function detail(name: Parameters<typeof scenarioRun>[0]): ReportScenario {
  const [found] = buildReport(IDENTITY, scenarioRun(name)).scenarios
  if (found === undefined) throw new Error('The scenario has facts.')
  return found
}

describe('an open loop', () => {
  test('shows queue and service time apart, and who did not keep up', () => {
    expect(detail('open_loop').table.rows).toContainEqual(['requests answered', '400/s', '371/s, does not keep up'])
    expect(detail('open_loop').table.rows).toContainEqual(['waiting in the queue, p95', '1.20 ms', '35.0 ms'])
    expect(detail('open_loop').table.rows).toContainEqual(['service, p95', '5.20 ms', '5.30 ms'])
  })
})

describe('a ramp', () => {
  test('tells the rate that keeps the objective, with its interval', () => {
    expect(detail('ramp').lines).toEqual([
      'Highest rate that keeps p95 within 20 ms: 358/s (351/s to 365/s) on the baseline, 287/s (281/s to 293/s) on the candidate.',
      'Queueing sets in: at 310/s on the baseline, at 248/s on the candidate.'
    ])
  })

  test('marks the step of the knee, and those over the objective', () => {
    const marked = detail('ramp').table.rows.map((cells) => [cells[0], cells.at(-1)])
    expect(marked.slice(1, 4)).toEqual([
      ['200/s', ''],
      ['300/s', 'knee (both); over the objective (candidate)'],
      ['400/s', 'over the objective (both)']
    ])
  })
})

const POINT: CurvePoint = { ratePerS: 1, p50Ns: 1e6, p95Ns: 2e6, p99Ns: 3e6, failedShare: 0, isSustained: true }

function step(ratePerS: number, before: number | null, after: number | null) {
  const of = (p95Ns: number | null): CurvePoint => ({ ...POINT, ratePerS, p95Ns })
  return { ratePerS, baseline: of(before), candidate: of(after) }
}

describe('the plot of a ramp', () => {
  test('is cut at three times the objective', () => {
    const steps = [step(1, 1e6, 1e6), step(2, 2e6, 4e6), step(3, 900e6, null)]
    const plot = plotRamp(steps, { percentile: 'p95', latencyMs: 10 })
    expect(plot?.chart).toEqual([
      'xychart-beta',
      '    x-axis "requests per second" ["1.00", "2.00", "3.00"]',
      '    y-axis "p95, ms" 0 --> 30',
      '    bar [1, 2, 30]',
      '    line [1, 4, 30]',
      '    line [10, 10, 10]'
    ])
    expect(plot?.legend).toContain('Cut at 30.0 ms.')
    expect(plot?.drawing.at(-1)).toMatch(/^3\.00\/s +┊ +◉▶$/)
  })

  test('has one sign where both sides meet', () => {
    const drawing = plotRamp([step(1, 1e6, 1e6), step(2, 2e6, 2e6), step(3, 3e6, 6e6)], null)?.drawing ?? []
    expect(drawing[1]).toContain('◉')
    expect(drawing[3]).toMatch(/● +○$/)
  })

  test('is left out for fewer than three rates, and where nothing is known', () => {
    expect(plotRamp([step(1, 1e6, 1e6), step(2, 1e6, 1e6)], null)).toBeNull()
    expect(plotRamp([step(1, null, null), step(2, null, null), step(3, null, null)], null)).toBeNull()
  })
})

test('a cold start shows every phase with its difference', () => {
  expect(detail('cold_start').table.rows[2]).toEqual([
    'create the session',
    '70.0 ms',
    '108 ms',
    '+38.0 ms',
    '+30.0 ms to +46.0 ms'
  ])
})

test('a soak shows growth with its interval', () => {
  expect(detail('soak').table.rows[1]).toEqual([
    'memory growth per 1,000 requests',
    '900 B (−400 B to 2.10 kB)',
    '1.77 MB (1.71 MB to 1.83 MB)'
  ])
})
