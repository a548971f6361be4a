import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { METRICS } from '#contracts/metric.ts'
import { drawIntervals, PICTURE_LEGEND, PICTURE_MAX_CHARS } from '#src/report/draw-intervals.ts'
import { listInOrder } from '#src/report/judged-detail.ts'
import type { CaseComparison, MetricComparison, Verdict } from '#stats/verdict.ts'
import { caseWith, metric } from './sample-outcomes.ts'

function draw(...metrics: readonly MetricComparison[]): readonly string[] {
  const of: CaseComparison = { ...caseWith('a', 'inconclusive', 0), metrics }
  return drawIntervals(listInOrder(of))
}

function drawCase(verdict: Verdict, change: number): string {
  return `\n${drawIntervals(listInOrder(caseWith('a', verdict, change))).join('\n')}\n`
}

/** Cells of the one row that is drawn, from its column of limits on. */
function cells(change: number, halfWidth: number): string {
  return (
    draw(metric('p50', change, halfWidth, 'inconclusive'))[1]
      ?.slice(22)
      .replace(/ {2}\S+ %$|\s*×\S+$/u, '') ?? ''
  )
}

describe('the picture of a case', () => {
  test('that passed', () => {
    expect(drawCase('unchanged', 0.006)).toMatchInlineSnapshot(`
      "
                      limit ◂ better          0           worse ▸
      p50              ±2 %          ┊       ╺┿━━●━━╸  ┊           +0.6 %
      p95              ±5 %          ┊       ╺┿●━╸     ┊           +0.6 %
      p99             ±10 %          ┊╺━━━━━━━┿━━●━━━━━┿━━╸        +3.1 %
      throughput       ±2 %          ┊       ╺┿━━●━━╸  ┊           −0.6 %
      slow requests   ±1 pp        ╺━┿━━━━━━━━┿━●━━━━━━┿━━━━╸      +0.2 pp
      "
    `)
  })

  test('that regressed a little', () => {
    expect(drawCase('regression', 0.034)).toMatchInlineSnapshot(`
      "
                      limit ◂ better          0           worse ▸
      p50              ±2 %          ┊        │        ┊  ╺━━●━━▶  +3.4 %
      p95              ±5 %          ┊        │    ╺●━╸┊           +3.5 %
      p99             ±10 %          ┊        │ ╺●╸    ┊           +3.2 %
      throughput       ±2 %          ┊        │        ┊ ╺━━━●━━▶  −3.3 %
      slow requests   ±1 pp          ┊     ╺━━┿●━━━╸   ┊           +0.1 pp
      "
    `)
  })

  test('that regressed a lot', () => {
    expect(drawCase('regression', 0.62)).toMatchInlineSnapshot(`
      "
                      limit ◂ better          0           worse ▸
      p50              ±2 %          ┊        │        ┊        ▶  +62 %
      p95              ±5 %          ┊        │        ┊        ▶  +64 %
      p99             ±10 %          ┊        │        ┊        ▶  +58 %
      throughput       ±2 %          ┊        │        ┊        ▶  −38 %
      slow requests   ±1 pp          ┊     ╺━━┿●━━━╸   ┊           +0.1 pp
      "
    `)
  })

  test('that improved', () => {
    expect(drawCase('improvement', -0.024)).toMatchInlineSnapshot(`
      "
                      limit ◂ better          0           worse ▸
      p50              ±2 %    ╺━━━●━┿━╸      │        ┊           −2.4 %
      p95              ±5 %          ┊  ╺●━╸  │        ┊           −2.5 %
      p99             ±10 %          ┊     ╺●╸│        ┊           −2.2 %
      throughput       ±2 %    ╺━━━●━┿━╸      │        ┊           +2.5 %
      slow requests   ±1 pp          ┊     ╺━━┿●━━━╸   ┊           +0.1 pp
      "
    `)
  })

  test('that is undecided', () => {
    expect(drawCase('inconclusive', 0.018)).toMatchInlineSnapshot(`
      "
                      limit ◂ better          0           worse ▸
      p50              ±2 %          ┊       ╺┿━━━━━━━●┿━━━━━━━╸   +1.8 %
      p95              ±5 %          ┊       ╺┿━━●━━━╸ ┊           +1.9 %
      p99             ±10 %          ┊╺━━━━━━━┿━━●━━━━━┿━━╸        +3.1 %
      throughput       ±2 %          ┊      ╺━┿━━━━━━━●┿━━━━━━━━╸  −1.8 %
      slow requests   ±1 pp        ╺━┿━━━━━━━━┿━●━━━━━━┿━━━━╸      +0.2 pp
      "
    `)
  })
})

describe('an interval', () => {
  test('just inside the limit ends before its line, just outside on it', () => {
    expect(cells(0.01, 0.0099)).toContain('╸┊')
    expect(cells(0.01, 0.0101)).toMatch(/┥ *$/u)
  })

  test('shows on which side of zero it ends', () => {
    expect(cells(0.01, 0.0101)).toContain('╺┿━━')
    expect(cells(0.01, 0.0099)).toContain('│╺━━')
    expect(cells(0, 0.0001)).toContain(' ╺●╸ ')
    expect(cells(0.0002, 0.0001)).toContain(' │● ')
  })

  test('that is too narrow to draw is its estimate', () => {
    expect(cells(0.01, 0.00001)).toMatch(/^ +┊ +│ +● +┊ +$/u)
  })

  test('beyond the picture is an arrow on that side', () => {
    expect(cells(0.5, 0.01)).toMatch(/▶$/u)
    expect(cells(-0.5, 0.01)).toMatch(/^◀/u)
  })

  test('of throughput hurts to the right, like every other', () => {
    const rows = draw(metric('p50', 0.01, 0.002, 'unchanged'), metric('throughput', 1 / 1.01 - 1, 0.002, 'unchanged'))
    expect(rows[2]?.indexOf('●')).toBe(rows[1]?.indexOf('●'))
  })
})

test('metrics without an interval are left out, and a case without any is not drawn', () => {
  const nothing = { ...metric('p99', 0, 0, 'not_assessed'), interval: null, relativeChange: null }
  expect(draw(metric('p50', 0, 0.01, 'unchanged'), nothing)).toHaveLength(2)
  expect(draw(nothing)).toEqual([])
  expect(draw({ ...metric('p50', 0, 0, 'unchanged'), interval: [Number.NaN, 1] })).toEqual([])
})

test('every line keeps to its width whatever is drawn', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.constantFrom(Number.MAX_VALUE, Number.POSITIVE_INFINITY, -1)
  )
  const threshold = fc.double({ min: 0.001, max: 10, noNaN: true })
  fc.assert(
    fc.property(number, number, number, threshold, fc.constantFrom(...METRICS), (change, low, high, limit, name) => {
      const drawn = { ...metric(name, 0, 0, 'unchanged'), relativeChange: change, threshold: limit }
      const [header, row = ''] = draw({ ...drawn, interval: [Math.min(low, high), Math.max(low, high)] })
      expect([...(header ?? '')].length).toBeLessThanOrEqual(PICTURE_MAX_CHARS)
      expect([...row].length).toBeLessThanOrEqual(PICTURE_MAX_CHARS)
      expect(row).not.toMatch(/NaN|Infinity/u)
      expect([...row].slice(22, 59)).toHaveLength(37)
    })
  )
  expect([...PICTURE_LEGEND].length).toBeLessThanOrEqual(PICTURE_MAX_CHARS)
})
