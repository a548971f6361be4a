import { describe, expect, it } from 'vitest'
import { judgeRun } from '#stats/judge-run.ts'
import { block, simulateCase } from './build-measurements.ts'
import { judgeOne, row, steadyCase } from './judge-one.ts'

describe('judgeRun, odd input', () => {
  it('needs six rounds', () => {
    const slower = simulateCase({ slowdown: 2, launches: 5 })

    expect(judgeOne(slower)).toMatchObject({
      verdict: 'inconclusive',
      reason: { kind: 'too_few_rounds', rounds: 5, needed: 6 },
      rounds: 5
    })
  })

  it('reaches no verdict from one side, or from nothing', () => {
    const both = simulateCase()
    const oneSide = both.blocks.filter(({ side }) => side === 'baseline')

    expect(judgeOne({ id: 'one', blocks: oneSide })).toMatchObject({
      verdict: 'inconclusive',
      reason: { kind: 'rounds_dropped', dropped: 9, rounds: 9 }
    })
    expect(row(judgeOne({ id: 'one', blocks: oneSide }), 'p50').candidate).toBeNull()
    expect(judgeOne({ id: 'none', blocks: [] }).reason).toEqual({ kind: 'too_few_rounds', rounds: 0, needed: 6 })
  })

  it('judges from six rounds on', () => {
    const reason = { kind: 'too_few_rounds', rounds: 5, needed: 6 }

    expect(judgeOne(steadyCase(new Array(5).fill(1000)))).toMatchObject({ verdict: 'inconclusive', reason })
    expect(judgeOne(steadyCase(new Array(6).fill(1000))).verdict).toBe('unchanged')
    expect(judgeOne(steadyCase(new Array(6).fill(800))).verdict).toBe('improvement')
    expect(judgeOne(steadyCase(new Array(6).fill(1200))).verdict).toBe('regression')
  })

  it('calls a run mixed when one case regressed and another improved', () => {
    const slower = { ...steadyCase(new Array(6).fill(1200)), id: 'slower' }
    const faster = { ...steadyCase(new Array(6).fill(800)), id: 'faster' }

    expect(judgeRun({ cases: [slower, faster] }).verdict).toBe('mixed')
  })

  it('tolerates a quarter of the rounds dropped and no more', () => {
    const withoutCandidate = (launches: number) => {
      const measured = simulateCase({ launches: 12 })
      return {
        ...measured,
        blocks: measured.blocks.filter((item) => item.side === 'baseline' || item.launch >= launches)
      }
    }

    expect(judgeOne(withoutCandidate(3))).toMatchObject({ verdict: 'unchanged', rounds: 9 })
    expect(judgeOne(withoutCandidate(3)).warnings).toEqual([expect.stringContaining('3 of 12 launches')])
    expect(judgeOne(withoutCandidate(4)).reason).toEqual({ kind: 'rounds_dropped', dropped: 4, rounds: 12 })
  })

  it('leaves out quads that lost one side', () => {
    const measured = simulateCase()
    const blocks = measured.blocks.filter((item) => item.side === 'baseline' || item.launch !== 3 || item.quad !== 7)

    const comparison = judgeOne({ ...measured, blocks })

    expect(comparison.verdict).toBe('unchanged')
    expect(comparison.warnings).toEqual([expect.stringContaining('one side only')])
  })

  it('says so when the latencies are too large to be added up', () => {
    const comparison = judgeOne(simulateCase({ latencyNs: 5e307, scatter: 0.001 }))

    expect(row(comparison, 'throughput')).toMatchObject({ verdict: 'not_assessed', reason: { kind: 'out_of_range' } })
    expect(row(comparison, 'p50').verdict).toBe('unchanged')
  })

  it('answers with finite numbers at the ends of the number range', () => {
    const extremes = [5e-324, 1.7e308, 1e-300, 1e300, 1, 1.7e308, 5e-324, 1.7e308]
    const blocks = extremes.flatMap((latencyNs, launch) =>
      [0, 1].flatMap((quad) => [
        block('baseline', new Array(60).fill(latencyNs), { launch: launch * 2 ** 40, quad: 2 ** 50 - quad }),
        block('candidate', new Array(60).fill(extremes[7 - launch] ?? 1), {
          launch: launch * 2 ** 40,
          quad: 2 ** 50 - quad
        })
      ])
    )

    const text = JSON.stringify(judgeOne({ id: 'extreme', blocks }), (_, value: unknown) => {
      if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('a number is not finite')
      return value
    })

    expect(text).toContain('"verdict":"inconclusive"')
  })
})
